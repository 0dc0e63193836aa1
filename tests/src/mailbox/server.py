"""A mail server for tests: keeps each message as a file, numbered on, in the folder it is given.

    server.py FOLDER starttls|tls CERTIFICATE KEY USER PASSWORD PORT

Who writes must encrypt and sign in. A file "refuse" in the folder makes it answer with that file's line. It says
its port on standard output once it listens. Port 0 is any that is free.
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Keeper:
    def __init__(self, folder):
        self.folder = folder

    async def handle_DATA(self, server, session, envelope):
        refuse = self.folder / "refuse"
        if refuse.exists():
            return refuse.read_text().strip()
        number = len(list(self.folder.glob("*.eml"))) + 1
        partial = self.folder / "partial"
        partial.write_bytes(envelope.content)
        partial.rename(self.folder / f"{number:03}.eml")
        return "250 kept"


async def main():
    folder, mode, certificate, key, user, password, port = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        wanted = (user.encode(), password.encode())
        given = isinstance(data, LoginPassword) and (data.login, data.password) == wanted
        return AuthResult(success=given, handled=False)

    def session():
        starttls = mode == "starttls"
        return SMTP(
            Keeper(pathlib.Path(folder)),
            hostname="mail.test",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_required=True,
            auth_require_tls=starttls,
            authenticator=authenticate,
            enable_SMTPUTF8=True,
        )

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", int(port), ssl=context if mode == "tls" else None
    )
    print(f"Port: {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
