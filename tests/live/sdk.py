"""What openstacksdk says about a cloud, as JSON: images, their members, and the status of each.

`sdk.py CLOUD REGION` the images of its own project; `--owner ID`, those of another; `--received`, those of others
that are shared with it.
"""

import argparse
import json

import openstack


def own(cloud, owner):
    for hidden in (False, True):
        yield from cloud.image.images(owner=owner, is_hidden=hidden)


def received(cloud, owner):
    for image in cloud.image.images(visibility="shared", member_status="all"):
        if image.owner != owner:
            yield image


def members(cloud, image):
    """None where Glance lists none: only shared images have members."""
    if image.visibility != "shared":
        return None
    return {
        member.member_id: [member.status, member.created_at, member.updated_at]
        for member in cloud.image.members(image)
    }


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("cloud")
    asked.add_argument("region")
    asked.add_argument("--owner")
    asked.add_argument("--received", action="store_true")
    asked = asked.parse_args()
    cloud = openstack.connect(cloud=asked.cloud, region_name=asked.region)
    owner = asked.owner or cloud.current_project_id
    images = received(cloud, owner) if asked.received else own(cloud, owner)
    said = {
        image.id: {
            "name": image.name,
            "owner": image.owner,
            "visibility": image.visibility,
            "members": members(cloud, image),
        }
        for image in images
    }
    print(json.dumps(said))


main()
