"""One server of the cloud: Keystone or Glance as they are, under gunicorn. `serve.py SETTINGS`, in JSON.

A program of its own because Keystone reads the command line when it is loaded, and would trip over gunicorn's.
"""

import ctypes
import importlib
import json
import signal
import sys
import threading
import time
from pathlib import Path

from gunicorn.app.base import BaseApplication

DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
BRIEF = "/brief"


def die_with_parent():
    """However the parent ends, this process ends too. Where the system cannot do that, `cloud.py` does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGTERM)


def keystone(app, settings):
    """Keystone, twice: under `/brief` its tokens end after seconds. Tokens are noted, so that a test can take one
    away from the program that holds it."""
    from oslo_config import cfg

    def brief(environ, start_response):
        if environ["PATH_INFO"].startswith(BRIEF):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(BRIEF)
            environ["SCRIPT_NAME"] += BRIEF
            cfg.CONF.set_override("expiration", settings["brief"], "token")
            # Clients follow the version document, so it must lead back here.
            cfg.CONF.set_override("public_endpoint", cfg.CONF.public_endpoint + BRIEF)
        try:
            return noted(environ, start_response)
        finally:
            cfg.CONF.clear_override("expiration", "token")
            cfg.CONF.clear_override("public_endpoint")

    def noted(environ, start_response):
        token = []

        def start(status, headers, *rest):
            if status.startswith("201") and environ["PATH_INFO"] == "/v3/auth/tokens":
                token.extend(value for name, value in headers if name.lower() == "x-subject-token")
            return start_response(status, headers, *rest)

        body = b"".join(app(environ, start))
        if token:
            user = json.loads(body)["token"]["user"]["name"]
            with Path(settings["tokens"], user).open("a") as file:
                file.write(token[0] + "\n")
        return [body]

    return one_at_a_time(brief)


def glance(app, settings):
    """Glance. `delay` is what a list of members takes on the way here, as if the cloud were far."""
    answer = one_at_a_time(app)

    def far(environ, start_response):
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].endswith("/members"):
            time.sleep(settings["delay"])
        return answer(environ, start_response)

    return far


def one_at_a_time(app):
    """SQLite refuses the second of two that write. Several threads are needed all the same: one waits in each
    connection that a client has opened and not used yet."""
    lock = threading.Lock()

    def locked(environ, start_response):
        with lock:
            return [b"".join(app(environ, start_response))]

    return locked


class Server(BaseApplication):
    def __init__(self, settings):
        self.settings = settings
        super().__init__()

    def load_config(self):
        for key, value in {
            "bind": f"fd://{self.settings['socket']}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 32,
            "keepalive": 60,
            "graceful_timeout": 1,
            "certfile": self.settings["certificate"],
            "keyfile": self.settings["key"],
            "control_socket_disable": True,
            "post_fork": lambda server, worker: die_with_parent(),
        }.items():
            if value is not None:
                self.cfg.set(key, value)

    def load(self):
        around = {"keystone": keystone, "glance": glance}[self.settings["service"]]
        module = importlib.import_module(f"{self.settings['service']}.wsgi.api")
        return around(module.application, self.settings)


if __name__ == "__main__":
    settings = json.loads(sys.argv[1])
    sys.argv = [settings["service"]]
    Server(settings).run()
