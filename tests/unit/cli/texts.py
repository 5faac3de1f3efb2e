"""The least baseline and release as text, for tests of what stands where in a file and of what is written into one."""

PREPARED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web, zadigx-release-version: original}}
  template:
    metadata: {labels: {app: web, zadigx-release-version: original}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1"}]}
"""
RELEASE = """\
apiVersion: grayc.dev/v1
kind: GrayRelease
metadata: {name: demo}
spec: {tag: gray, baseline: [baseline/], services: [{name: web}]}
"""
