local conf = {general = {port = 80}, auth = {enabled = false, realm = "nodemcu", users = {user1 = "password1"}}}
return conf
