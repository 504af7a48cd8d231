"""A real Keystone and Glance on loopback for as long as a command runs: `cloud.py COMMAND...`

Two regions with a Glance each: `near` behind TLS with a CA of its own, and `far`, plain, slow, which asks Keystone
about each token each time. Ports are free ones, databases are SQLite in a temporary directory, which the command
finds in SHARELOCK_LIVE. Nothing stays, however this program ends.
"""

import base64
import datetime
import ipaddress
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import seed
from serve import die_with_parent

HERE = Path(__file__).parent
PREFIX = "sharelock-live-"
PATIENCE = 120
BRIEF_SECONDS = 4
# Each in the folder of its server, by the name that server looks for.
CONFIG = {"keystone": "keystone/keystone.conf", "near": "near/glance-api.conf", "far": "far/glance-api.conf"}


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    # What is on this machine is not asked through a proxy, by nobody.
    os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    cloud = Cloud(folder)
    try:
        cloud.start()
        world = seed.fill(cloud)
        (folder / "live.json").write_text(json.dumps(world))
        print(f"live tests: Keystone and Glance answer after {time.monotonic() - BEGUN:.0f} s", file=sys.stderr)
        return run(folder, sys.argv[1:])
    except BaseException as error:
        if not isinstance(error, (SystemExit, KeyboardInterrupt)):
            cloud.tell_logs()
        raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        cloud.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(folder, command):
    """Nothing of the machine's own clouds is seen by the command."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    env |= {"SHARELOCK_LIVE": str(folder), "OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml")}
    return subprocess.run(command, env=env, preexec_fn=die_with_parent).returncode


def sweep():
    """What a run left behind that was killed outright."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdecimal() and folder.stat().st_uid == os.getuid() and not alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class Cloud:
    def __init__(self, folder):
        self.folder = folder
        self.servers = {}
        self.sockets = {name: listening() for name in ("keystone", "near", "far")}
        self.ports = {name: listener.getsockname()[1] for name, listener in self.sockets.items()}
        self.tls = {"certificate": str(folder / "server.pem"), "key": str(folder / "server.key")}
        self.cacert = str(folder / "ca.pem")
        self.root = f"https://{self.address('keystone')}"
        self.keystone = f"{self.root}/v3"
        self.brief = f"{self.root}/brief/v3"
        self.glances = {
            "near": f"https://{self.address('near')}",
            "far": f"http://{self.address('far')}",
        }

    def address(self, name):
        return f"127.0.0.1:{self.ports[name]}"

    def start(self):
        certify(self.folder)
        self.configure()
        self.prepare()
        self.serve("keystone", "keystone", **self.tls, tokens=str(self.folder / "tokens"), brief=BRIEF_SECONDS)
        self.serve("near", "glance", **self.tls, delay=0)
        self.serve("far", "glance", delay=0.15)
        for name in self.servers:
            self.answered(name)

    def configure(self):
        for name in ("tokens", "keystone", "fernet", "credential"):
            (self.folder / name).mkdir(mode=0o700)
        for keys in ("fernet", "credential"):
            for name in ("0", "1"):
                (self.folder / keys / name).write_bytes(base64.urlsafe_b64encode(os.urandom(32)))
        self.write(CONFIG["keystone"], KEYSTONE.format(cloud=self))
        paste = Path(sys.prefix, "etc/glance/glance-api-paste.ini")
        for region in self.glances:
            for name in ("images", "staging", "tasks", "cache"):
                (self.folder / region / name).mkdir(parents=True)
            cached = -1 if region == "far" else 300
            text = GLANCE.format(cloud=self, region=region, paste=paste, home=self.folder / region, cached=cached)
            self.write(CONFIG[region], text)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def prepare(self):
        """Tables, and the first user of Keystone. Side by side, for most of it is starting Python."""
        keystone = "from keystone.cmd.manage import main; main()"
        glance = "from glance.cmd.manage import main; main()"
        urls = [part for name in ("admin", "internal", "public") for part in (f"--bootstrap-{name}-url", self.keystone)]
        bootstrap = ["bootstrap", "--bootstrap-password", seed.ADMIN, "--bootstrap-region-id", "near", *urls]
        running = [self.manage(glance, region, "db_sync") for region in self.glances]
        first = self.manage(keystone, "keystone", "db_sync")
        finished(first)
        running.append(self.manage(keystone, "keystone", *bootstrap))
        for process in running:
            finished(process)

    def manage(self, code, name, *args):
        config = ["--config-file", str(self.folder / CONFIG[name])]
        command = [sys.executable, "-B", "-W", "ignore", "-c", code, *config, *args]
        return self.spawn(f"{name}-{args[0]}", command)

    def serve(self, name, service, certificate=None, key=None, **more):
        listener = self.sockets[name]
        settings = {"service": service, "socket": listener.fileno(), "certificate": certificate, "key": key}
        command = [sys.executable, "-B", "-W", "ignore", str(HERE / "serve.py")]
        command.append(json.dumps(settings | more))
        config = {f"OS_{service.upper()}_CONFIG_DIR": str(self.folder / name)}
        self.servers[name] = self.spawn(name, command, env=os.environ | config, pass_fds=[listener.fileno()])
        # Only the server holds the port now: if it ends, nobody waits for it.
        listener.close()

    def answered(self, name):
        """Waits for a server. Any answer will do."""
        url = self.root if name == "keystone" else self.glances[name]
        trust = ssl.create_default_context(cafile=self.cacert)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.servers[name].poll() is None:
            try:
                urllib.request.urlopen(url, timeout=PATIENCE, context=trust).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{name} does not answer")

    def spawn(self, name, command, **more):
        """Out of reach of the Ctrl-C that ends this program, so that it can end them in order."""
        with (self.folder / f"{name}.out").open("w") as out:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder,
                start_new_session=True, preexec_fn=die_with_parent, **more,
            )  # fmt: skip

    def stop(self):
        for server in self.servers.values():
            server.terminate()
        for server in self.servers.values():
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(server.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def tell_logs(self):
        for log in sorted(self.folder.glob("*.out")):
            lines = log.read_text(errors="replace").splitlines()[-15:]
            print(f"--- {log.name}", *lines, sep="\n", file=sys.stderr)


def listening():
    """A free port, taken from now on: who connects before the server is there waits for it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.set_inheritable(True)
    return listener


def finished(process):
    if process.wait(PATIENCE) != 0:
        raise RuntimeError(f"{process.args[-1]} failed")


def certify(folder):
    """A CA of nobody's, and a certificate of it for this machine."""
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def signed(subject, public_key, *extensions):
        builder = x509.CertificateBuilder(name("sharelock live CA"), name(subject), public_key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - day).not_valid_after(now + day)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    signs = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    key_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    ca = [(x509.BasicConstraints(True, None), True), (signs, True), (key_id, False)]
    (folder / "ca.pem").write_bytes(signed("sharelock live CA", ca_key.public_key(), *ca))
    (folder / "server.pem").write_bytes(signed("127.0.0.1", key.public_key(), (here, False), (authority, False)))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(*pem))


KEYSTONE = """
[DEFAULT]
public_endpoint = {cloud.root}
[database]
connection = sqlite:///{cloud.folder}/keystone.db
[fernet_tokens]
key_repository = {cloud.folder}/fernet
[fernet_receipts]
key_repository = {cloud.folder}/fernet
[auth]
methods = password,token,totp,application_credential
[credential]
key_repository = {cloud.folder}/credential
[cache]
enabled = true
backend = dogpile.cache.memory
[identity]
# At its usual cost bcrypt would take longer than all the rest.
password_hash_algorithm = bcrypt
password_hash_rounds = 4
"""

GLANCE = """
[DEFAULT]
enabled_backends = here:file
enabled_import_methods = []
node_staging_uri = file://{home}/staging
image_cache_dir = {home}/cache
# Lists are cut after so many, whatever the client asks for: even a small cloud has several pages.
api_limit_max = 7
[database]
connection = sqlite:///{cloud.folder}/{region}.db
[glance_store]
default_backend = here
[here]
filesystem_store_datadir = {home}/images
[os_glance_staging_store]
filesystem_store_datadir = {home}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {home}/tasks
[paste_deploy]
flavor = keystone
config_file = {paste}
[keystone_authtoken]
www_authenticate_uri = {cloud.keystone}
auth_url = {cloud.keystone}
cafile = {cloud.cacert}
auth_type = password
username = glance
password = glance-pw
project_name = service
user_domain_name = Default
project_domain_name = Default
service_token_roles_required = true
token_cache_time = {cached}
[oslo_concurrency]
lock_path = {home}
"""

BEGUN = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
