"""Puts the official Python client to work; prints one line for each thing that it found right."""
import sys

from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException

config.load_kube_config(config_file=sys.argv[1])
core = client.CoreV1Api()
apps = client.AppsV1Api()
NAMESPACE = "default"


def config_map(name, **data):
    metadata = client.V1ObjectMeta(name=name, labels={"app": "test"})
    return client.V1ConfigMap(metadata=metadata, data=data)


def refused_with(code, call, *arguments):
    try:
        call(*arguments)
    except ApiException as refusal:
        assert refusal.status == code, refusal
    else:
        raise AssertionError(f"not refused with {code}")


def create_read_update_delete():
    created = core.create_namespaced_config_map(NAMESPACE, config_map("crud", a="1"))
    assert created.metadata.uid, created
    read = core.read_namespaced_config_map("crud", NAMESPACE)
    assert read == created, (read, created)
    read.data = {"a": "2"}
    replaced = core.replace_namespaced_config_map("crud", NAMESPACE, read)
    assert replaced.data == {"a": "2"}, replaced
    refused_with(409, core.replace_namespaced_config_map, "crud", NAMESPACE, read)
    patched = core.patch_namespaced_config_map("crud", NAMESPACE, {"data": {"b": "3"}})
    assert patched.data == {"a": "2", "b": "3"}, patched
    listed = core.list_namespaced_config_map(NAMESPACE, label_selector="app=test")
    assert [each.metadata.name for each in listed.items] == ["crud"], listed
    core.delete_namespaced_config_map("crud", NAMESPACE)
    refused_with(404, core.read_namespaced_config_map, "crud", NAMESPACE)


def deployment():
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "nginx"}]},
    }
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template},
    }
    created = apps.create_namespaced_deployment(NAMESPACE, body)
    assert created.spec.strategy.rolling_update.max_surge == "25%", created
    apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 3}})
    assert apps.read_namespaced_deployment_scale("web", NAMESPACE).spec.replicas == 3
    apps.delete_namespaced_deployment("web", NAMESPACE, propagation_policy="Background")


def watching():
    revision = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    core.create_namespaced_config_map(NAMESPACE, config_map("watched", a="1"))
    core.patch_namespaced_config_map("watched", NAMESPACE, {"data": {"a": "2"}})
    core.delete_namespaced_config_map("watched", NAMESPACE)
    seen = []
    stream = watch.Watch()
    for event in stream.stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=revision
    ):
        seen.append((event["type"], event["object"].data["a"]))
        if event["type"] == "DELETED":
            stream.stop()
    assert seen == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")], seen


def versions():
    assert client.VersionApi().get_code().minor == "36"
    groups = [group.name for group in client.ApisApi().get_api_versions().groups]
    assert "apps" in groups, groups


for check in [create_read_update_delete, deployment, watching, versions]:
    check()
    print(check.__name__)
