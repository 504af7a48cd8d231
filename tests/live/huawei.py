"""What Huawei Cloud's own SDK says and does, as JSON, signed with an access key: `huawei.py URL CALL [ID...]`.

The key is in HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, where the SDK looks for it. Nobody tells it the project: it
asks at URL for the one that is called as the region is.

`seen`: members and their statuses of the own images, by the native list and by the typed one, which is read in pages.
`received STATUS`: images of others. `whole`: own full-ECS images. `add`, `remove`, `accept`, `reject` IMAGES PROJECTS: a batch, lists
joined by commas, followed to the end of its job by either call. `accept` takes a vault as well, for full-ECS images.
"""

import json
import os
import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkims import v2 as ims

PAGE = 7
PATIENCE = 30


def connect(url):
    key = BasicCredentials(os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"])
    key.with_iam_endpoint(url)
    return ims.ImsClient.new_builder().with_credentials(key).with_region(Region("eu-de", url)).build()


def images(client, **asked):
    marker = None
    while True:
        page = client.list_images(ims.ListImagesRequest(limit=PAGE, marker=marker, **asked)).images
        yield from page
        if len(page) < PAGE:
            return
        marker = page[-1].id


def own(client):
    project = client.get_credentials().project_id
    for image in images(client, owner=project):
        if image.visibility != "public":
            yield image.id


def native(client, image):
    members = client.glance_list_image_members(ims.GlanceListImageMembersRequest(image)).members
    return {member.member_id: member.status for member in members}


def typed(client, image):
    members, marker = {}, None
    while True:
        asked = ims.ListImageMembersRequest(image, limit=2, marker=marker)
        page = client.list_image_members(asked)
        members |= {member.member_id: member.status for member in page.members}
        marker = page.page_info.next_marker
        if not marker:
            return members


def seen(client):
    return {image: [native(client, image), typed(client, image)] for image in own(client)}


def received(client, status):
    asked = {"imagetype": "shared", "visibility": "shared", "member_status": status}
    project = client.get_credentials().project_id
    return [image.id for image in images(client, **asked) if image.owner != project]


def whole(client):
    """Its own model leaves out what tells them, and keeps the answer as it came."""
    project = client.get_credentials().project_id
    answer = client.list_images(ims.ListImagesRequest(limit=100, owner=project))
    found = json.loads(answer.raw_content)["images"]
    return [image["id"] for image in found if image.get("__whole_image") == "true"]


def change(client, call, images, projects, vault=None):
    images, projects = images.split(","), projects.split(",")
    both = ims.BatchAddMembersRequestBody(images=images, projects=projects)
    if call == "add":
        return client.batch_add_members(ims.BatchAddMembersRequest(both))
    if call == "remove":
        return client.batch_delete_members(ims.BatchDeleteMembersRequest(both))
    body = ims.BatchUpdateMembersRequestBody(images, projects[0], f"{call}ed", vault)
    return client.batch_update_members(ims.BatchUpdateMembersRequest(body))


def follow(client, job):
    deadline = time.monotonic() + PATIENCE
    while True:
        shown = client.show_job(ims.ShowJobRequest(job))
        if shown.status not in ("INIT", "RUNNING") or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    other = client.show_job_progress(ims.ShowJobProgressRequest(job))
    return [shown.job_type, shown.status, other.status, shown.end_time == other.end_time != ""]


def main(url, call, *rest):
    client = connect(url)
    try:
        if call == "seen":
            return seen(client)
        if call == "whole":
            return whole(client)
        if call == "received":
            return received(client, *rest)
        return follow(client, change(client, call, *rest).job_id)
    except ClientRequestException as refused:
        return {"status": refused.status_code, "code": refused.error_code}


print(json.dumps(main(*sys.argv[1:])))
