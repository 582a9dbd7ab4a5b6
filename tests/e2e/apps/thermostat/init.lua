require "wifi_setup"
