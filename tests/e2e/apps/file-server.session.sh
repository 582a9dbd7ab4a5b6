#!/bin/sh
# Clients of file-server/. Its data port may be another one of this computer: the device cannot name it.
python3 - >>"${CLIENT_LOG:-/dev/null}" <<'END'
import ftplib
import io
import os


class Client(ftplib.FTP):
    def makepasv(self):
        super().makepasv()
        return os.environ["FROST_HOST"], int(os.environ["FROST_PORT_2020"])


def connected():
    client = Client(timeout=60)
    client.connect(os.environ["FROST_HOST"], int(os.environ["FROST_PORT_2021"]))
    client.login("test", "12345")
    return client


def fetched(name):
    client, data = connected(), io.BytesIO()
    client.retrbinary("RETR " + name, data.write)
    client.quit()
    return data.getvalue()


print(fetched("readme.txt").decode(), end="")
client = connected()
client.storbinary("STOR up.txt", io.BytesIO(b"x" * 3000))
client.quit()
print(len(fetched("up.txt")))
client = connected()
client.retrlines("NLST", print)
client.quit()
END
