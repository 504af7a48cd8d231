"""What is in the cloud: projects, users, images and who they are shared with.

Each test that changes something has a project of its own in `PROJECTS`, whose images nobody else touches. A project
`name` has a user `name` with the password `name-pw` and a cloud `name` in clouds.yaml.
"""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import yaml
from keystoneauth1 import adapter, session
from keystoneauth1.identity import v3

ADMIN = "admin-pw"
# Who images are shared with. The last one is deleted when everything is shared.
OTHERS = ["web", "data", "build", "edge", "tests", "lost"]
# Projects of single tests.
PROJECTS = ["zoo", "marks", "gone", "admins", "giver", "taker", "undone", "far", "brief", "renewed", "coder"]
# How many images are far: so many that an audit of one after the other takes longer than a brief token.
FAR = {"far": 9, "brief": 30, "renewed": 30}
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
# Of `coder`, who has to give a one-time code as well.
CODES = "ONUGC4TFNRXWG2ZAORSXG5BAMNXWIZI="
HOSTILE = "Größe ☃ 東京 \u202ertl\u202c \u200b =cmd " + "x" * 120


def fill(cloud):
    """Fills an empty cloud, and gives what tests need to know of it."""
    world = World(cloud)
    world.catalogue()
    names = ["service", *OTHERS, *PROJECTS]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(world.project, names))
    world.user("glance", "service", "service")
    world.user("zoo-reader", "zoo", "reader")
    world.credentials("zoo")
    world.coder()
    near = [world.zoo, world.received, partial(world.many, "marks", "near", 12, 5)]
    near += [partial(world.many, name, "near", 3, 3) for name in ("gone", "admins", "giver", "undone")]
    far = [partial(world.many, name, "far", images, 1) for name, images in FAR.items()]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda steps: [step() for step in steps], [near, far]))
    world.admin.delete(f"/projects/{world.projects['lost']}")
    world.clouds_yaml()
    return {"python": world.python, "projects": world.projects, "cacert": cloud.cacert, "auth_url": cloud.keystone}


class World:
    def __init__(self, cloud):
        self.python = sys.executable
        self.cloud = cloud
        self.projects = {}
        self.app = {}
        self.admin = self.identity("admin", ADMIN, "admin")
        self.roles = {role["name"]: role["id"] for role in self.admin.get("/roles").json()["roles"]}
        self.images = {}

    def login(self, user, password, project):
        auth = v3.Password(self.cloud.keystone, **person(user, password, project))
        return session.Session(auth, verify=self.cloud.cacert, timeout=60)

    def identity(self, *login):
        return adapter.Adapter(self.login(*login), endpoint_override=self.cloud.keystone)

    def glance(self, project, region="near"):
        """The image service as a project sees it; `admin` sees everything."""
        key = project, region
        if key not in self.images:
            password = ADMIN if project == "admin" else f"{project}-pw"
            login = self.login(project, password, project)
            self.images[key] = adapter.Adapter(login, endpoint_override=f"{self.cloud.glances[region]}/v2")
        return self.images[key]

    def catalogue(self):
        service = self.admin.post("/services", json={"service": {"type": "image", "name": "glance"}}).json()
        self.admin.post("/regions", json={"region": {"id": "far"}})
        for region, url in self.cloud.glances.items():
            for interface in ("public", "internal"):
                endpoint = {"service_id": service["service"]["id"], "interface": interface}
                self.admin.post("/endpoints", json={"endpoint": endpoint | {"region_id": region, "url": url}})

    def project(self, name):
        made = self.admin.post("/projects", json={"project": {"name": name, "domain_id": "default"}}).json()
        self.projects[name] = made["project"]["id"]
        if name != "service":
            self.user(name, name, "member")

    def user(self, name, project, role):
        user = {"name": name, "domain_id": "default", "password": f"{name}-pw"}
        made = self.admin.post("/users", json={"user": user}).json()["user"]
        self.admin.put(f"/projects/{self.projects[project]}/users/{made['id']}/roles/{self.roles[role]}")

    def credentials(self, user):
        own = self.identity(user, f"{user}-pw", user)
        path = f"/users/{own.session.get_user_id()}/application_credentials"
        for name in ("by-id", "by-name"):
            made = own.post(path, json={"application_credential": {"name": name}}).json()
            self.app[name] = made["application_credential"]

    def coder(self):
        """Wants a code with the password, and is a member of `web` too."""
        user = self.admin.get("/users?name=coder").json()["users"][0]["id"]
        self.admin.put(f"/projects/{self.projects['web']}/users/{user}/roles/{self.roles['member']}")
        self.admin.post("/credentials", json={"credential": {"type": "totp", "blob": CODES, "user_id": user}})
        rules = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
        self.admin.patch(f"/users/{user}", json={"user": {"options": rules}})

    def image(self, owner, name, members=(), region="near", data=False, **fields):
        """Shares an image with projects, each with the status it has answered with."""
        glance = self.glance(owner, region)
        body = {"name": name, "container_format": "bare", "disk_format": "raw", "visibility": "shared"}
        made = glance.post("/images", json=body | fields).json()["id"]
        if data:
            octets = {"Content-Type": "application/octet-stream"}
            glance.put(f"/images/{made}/file", data=b"tiny", headers=octets)
        for member, status in dict(members).items():
            member = self.projects.get(member, member)
            glance.post(f"/images/{made}/members", json={"member": member})
            if status != "pending":
                answer = {"status": status}
                self.glance("admin", region).put(f"/images/{made}/members/{member}", json=answer)
        return made

    def many(self, owner, region, images, members):
        """Plain images, the same ones in every run."""
        dice = random.Random(owner)
        for number in range(images):
            chosen = dice.sample(OTHERS[:-1], members)
            statuses = dice.choices(["pending", "accepted", "rejected"], k=members)
            self.image(owner, f"{owner}-{number:02}", zip(chosen, statuses), region)

    def zoo(self):
        """Everything an audit has to cope with."""
        one = {"web": "accepted"}
        self.image("zoo", "shared-with-nobody")
        self.image("zoo", "private", visibility="private")
        self.image("zoo", "community", visibility="community")
        self.image("zoo", "with-data", {"web": "pending", "data": "accepted", "build": "rejected"}, data=True)
        self.image("zoo", "hidden", {**one, "data": "pending"}, os_hidden=True)
        self.image("zoo", "protected", one, protected=True)
        deactivated = self.image("zoo", "deactivated", one, data=True)
        self.glance("admin").post(f"/images/{deactivated}/actions/deactivate")
        # Its memberships are kept, and nobody can list them.
        dormant = self.image("zoo", "made-private", one)
        private = json.dumps([{"op": "replace", "path": "/visibility", "value": "private"}])
        self.glance("zoo").patch(f"/images/{dormant}", data=private, headers=PATCH)
        self.image("zoo", "twin", one)
        self.image("zoo", "twin", {"data": "pending"})
        self.image("zoo", None, one)
        self.image("zoo", HOSTILE, one)
        # Glance takes any text for a member. One that is deleted stays.
        odd = ["no-project", "web2", "ZOO", "with space", "%2e", "a/b", "zoo"]
        self.image("zoo", "odd-members", dict.fromkeys([*odd, "lost"], "pending"))
        for number in range(12):
            self.image("zoo", f"plain-{number:02}", {"edge": "accepted", "tests": "pending"})

    def received(self):
        """What `zoo` is given by others."""
        for status in ("pending", "accepted", "rejected"):
            self.image("web", f"for-zoo-{status}", {"zoo": status, "data": "pending"})
        self.image("admin", "public", visibility="public")

    def clouds_yaml(self):
        def cloud(auth, **more):
            entry = {"auth": {"auth_url": self.cloud.keystone, **auth}, "regions": list(self.cloud.glances)}
            return entry | {"cacert": self.cloud.cacert} | more

        clouds = {name: cloud(person(name, f"{name}-pw", name)) for name in (*PROJECTS, "web")}
        zoo = person("zoo", "zoo-pw", "zoo")
        untrusted = cloud(zoo)
        del untrusted["cacert"]
        secret = lambda name: {"application_credential_secret": self.app[name]["secret"]}
        by_id = {"application_credential_id": self.app["by-id"]["id"], **secret("by-id")}
        by_name = {"application_credential_name": "by-name", "username": "zoo", "user_domain_name": "Default"}
        by_name |= secret("by-name")
        scope = {"project_name": "zoo", "project_domain_name": "Default"}
        ended = self.ended_token()
        clouds |= {
            "admin": cloud(person("admin", ADMIN, "admin")),
            "zoo-reader": cloud(person("zoo-reader", "zoo-reader-pw", "zoo")),
            "zoo-credential-id": cloud(by_id, auth_type="v3applicationcredential"),
            "zoo-credential-name": cloud(by_name, auth_type="v3applicationcredential"),
            "zoo-wrong-password": cloud(zoo | {"password": "zoo-wrong-pw"}),
            "zoo-wrong-project": cloud(zoo | {"project_name": "web"}),
            "zoo-ended-token": cloud({"token": ended, **scope}, auth_type="v3token"),
            "zoo-untrusted": untrusted,
            "zoo-unverified": untrusted | {"verify": False},
            "brief": cloud(person("brief", "brief-pw", "brief") | {"auth_url": self.cloud.brief}),
        }
        text = yaml.safe_dump({"clouds": clouds}, sort_keys=False)
        Path(self.cloud.folder, "clouds.yaml").write_text(text)
        both = {name: cloud(person("coder", "coder-pw", name)) for name in ("coder", "web")}
        Path(self.cloud.folder, "coder.yaml").write_text(yaml.safe_dump({"clouds": both}, sort_keys=False))

    def ended_token(self):
        login = self.identity("zoo", "zoo-pw", "zoo")
        token = login.session.get_token()
        self.admin.delete("/auth/tokens", headers={"X-Subject-Token": token})
        return token


def person(user, password, project):
    login = {"username": user, "password": password, "project_name": project}
    return login | {"user_domain_name": "Default", "project_domain_name": "Default"}
