"""Files that look like objects of a cluster and are read by a program on somebody's machine.

Such a document lies beside manifests, has an `apiVersion` and a `kind`, and often no name. No cluster holds it.
"""

from grayc.records import dataclass


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A row of `CLIENT_FILES`.

    Attributes:
        reader: the program that reads it.
        kinds: of the group; none for all of them.
        is_object_too: a cluster may hold an object of the kind, too: a document that has a name counts as one.
    """

    reader: str
    kinds: frozenset[str] = frozenset()
    is_object_too: bool = False


# Group → what reads its documents. Sources, each of the version named:
# skaffold: skaffold.dev reference of skaffold.yaml, v4beta13 (`metadata` is optional).
# kind.x-k8s.io: kubernetes-sigs/kind v0.30, pkg/apis/config/v1alpha4 Cluster (`name`, no metadata).
# k3d.io: k3d-io/k3d v5, pkg/config/v1alpha5 SimpleConfig.
# kwok.x-k8s.io: kubernetes-sigs/kwok v0.7, KwokConfiguration and KwokctlConfiguration are files; others are CRDs.
# ctlptl.dev: tilt-dev/ctlptl, pkg/api Cluster and Registry (`name`, no metadata).
# kubeadm.k8s.io, kubelet.config.k8s.io, kubeproxy.config.k8s.io, kubescheduler.config.k8s.io, apiserver.config.k8s.io,
# audit.k8s.io, client.authentication.k8s.io, pod-security.admission: kubernetes.io, "Configuration APIs", v1.34.
# "" Config: kubernetes.io, "kubeconfig (v1)".
# install.istio.io: Istio 1.27, IstioOperator options: a file of `istioctl install`; an object for the operator until
# Istio 1.23.
# eksctl.io: eksctl.io, "Config file schema", v1alpha5.
# kops.k8s.io: kops.sigs.k8s.io, "Cluster spec": kept in a store of kops, in no cluster.
# kustomize.config.k8s.io: kubernetes-sigs/kustomize v5, api/types Kustomization (`metadata` is optional), Component.
# kuttl.dev, kudo.dev: kudobuilder/kuttl v0.22, pkg/apis/testharness/v1beta1.
# cli.kyverno.io: kyverno/kyverno v1.15, cmd/cli/kubectl-kyverno/apis/v1alpha1 Test, Values, UserInfo.
# chainsaw.kyverno.io: kyverno/chainsaw v0.2, Test and Configuration.
# kapp.k14s.io, kbld.k14s.io, vendir.k14s.io, imgpkg.carvel.dev: carvel.dev, "Config" of each ("never applied to the
# cluster").
# kpt.dev: kptdev/kpt v1, Kptfile. config.kubernetes.io: the KRM functions specification, ResourceList.
# garden.io: docs.garden.io, reference of garden.yml. score.dev: docs.score.dev, Score specification.
# descheduler: kubernetes-sigs/descheduler v0.34, DeschedulerPolicy, a file in a ConfigMap.
CLIENT_FILES: dict[str, ClientFile] = {
    "skaffold": ClientFile("skaffold"),
    "kind.x-k8s.io": ClientFile("kind"),
    "k3d.io": ClientFile("k3d"),
    "kwok.x-k8s.io": ClientFile("kwok", frozenset({"KwokConfiguration", "KwokctlConfiguration"})),
    "ctlptl.dev": ClientFile("ctlptl"),
    "kubeadm.k8s.io": ClientFile("kubeadm"),
    "kubelet.config.k8s.io": ClientFile("the kubelet"),
    "kubeproxy.config.k8s.io": ClientFile("kube-proxy"),
    "kubescheduler.config.k8s.io": ClientFile("kube-scheduler"),
    "kubecontrollermanager.config.k8s.io": ClientFile("kube-controller-manager"),
    "apiserver.config.k8s.io": ClientFile("kube-apiserver"),
    "pod-security.admission.config.k8s.io": ClientFile("kube-apiserver"),
    "audit.k8s.io": ClientFile("kube-apiserver"),
    "client.authentication.k8s.io": ClientFile("kubectl"),
    "": ClientFile("kubectl", frozenset({"Config"})),
    "install.istio.io": ClientFile("istioctl", is_object_too=True),
    "eksctl.io": ClientFile("eksctl"),
    "kops.k8s.io": ClientFile("kops", is_object_too=True),
    "kustomize.config.k8s.io": ClientFile("kustomize"),
    "kuttl.dev": ClientFile("kuttl"),
    "kudo.dev": ClientFile("kuttl", frozenset({"TestSuite", "TestStep", "TestAssert"})),
    "cli.kyverno.io": ClientFile("the kyverno command"),
    "chainsaw.kyverno.io": ClientFile("chainsaw"),
    "kapp.k14s.io": ClientFile("kapp", frozenset({"Config"})),
    "kbld.k14s.io": ClientFile("kbld"),
    "vendir.k14s.io": ClientFile("vendir"),
    "imgpkg.carvel.dev": ClientFile("imgpkg"),
    "kpt.dev": ClientFile("kpt", frozenset({"Kptfile"})),
    "garden.io": ClientFile("garden"),
    "score.dev": ClientFile("score"),
    "descheduler": ClientFile("the descheduler"),
}

CLIENT_FILE_NAMES: dict[str, str] = {"Chart.yaml": "helm"}
"""Name of a file → the program that reads it: it has an `apiVersion` and no `kind`. Source: helm.sh, "Charts"."""
