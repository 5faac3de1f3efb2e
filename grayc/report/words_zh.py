"""Reasons in Chinese. The English ones are in `plan.reasons`, `plan.hop_reasons` and in tables of kinds and meshes."""

from collections.abc import Mapping
from enum import StrEnum

from grayc.plan.reasons import Why
from grayc.report.hop_words_zh import HOP_REASONS

REASONS: Mapping[StrEnum, str] = {
    **HOP_REASONS,
    Why.ADDRESSES: "其中有泳道内 Service 的地址",
    Why.APPEARS_IN: "在 {folder} 中",
    Why.CERTIFICATE: "Ingress 的证书：金丝雀用它服务同一个域名",
    Why.CHANGED_BY_CONFIG: "`config` 修改了它",
    Why.CLUSTERS: "属于集群",
    Why.COPIED_AS: "复制为 {name}",
    Why.COLOURS: "规则给 {paths} 的请求染色；其服务不在发布中",
    Why.COLOURS_BASELINE: "规则在基线自己的对象里给 {paths} 的请求染色；其服务不在发布中",
    Why.EXTERNAL_NAME: "它是集群外的地址（ExternalName）",
    Why.GUARDS: "保护 {object} 的 Pod",
    Why.IDLE: "`work: idle`，而它统计的是生产的消息",
    Why.IN_EVERY_NAMESPACE: "每个命名空间都有",
    Why.LEFT: "{text}",
    Why.MADE: "由控制器根据 {object} 生成",
    Why.NAMES: "引用 {object}：泳道的灰度侧有自己的一份",
    Why.NO_FILE: "清单文件里没有",
    Why.NO_FILE_OPTIONAL: "清单文件里没有，Pod 没有它也能启动",
    Why.NO_SCALER: "`autoscaling: none`",
    Why.NOBODY_REFERS: "没有灰度对象引用它",
    Why.NOT_NAMED_BY_ENTRIES: "`entries` 没有列出它，或者它的路径都不通往发布的服务",
    Why.NO_RULE: "没有规则打开它，而第二个普通 Ingress 会顶替基线的位置",
    Why.OF_ITS_KIND: "{text}",
    Why.ONLY_READER: "只有 {object} 读取它",
    Why.ONLY_RELEASED_READ: "只有发布的服务读取它",
    Why.ONLY_USER: "只有 {object} 使用它，而后者不复制",
    Why.OPENS: "规则打开 {paths}",
    Why.OPENS_BASELINE: "规则在基线自己的对象里打开 {paths}",
    Why.OTHER_USES: "不在发布中的 {object} 也使用它",
    Why.OTHERS_USE: "不在发布中的 {object} 等（另有 {more} 个）也使用它",
    Why.PODS_FROM: "它的 Pod 取自 {object}",
    Why.SCALES: "伸缩 {object}",
    Why.SCALES_UNCOPIED: "它伸缩 {object}，而后者不复制",
    Why.SEALED: "已加密（{tool}）：副本无法解开，没有密钥也改不了其中的值",
    Why.SELECTS: "选择 {object} 的 Pod",
    Why.SELECTS_NOTHING: "它不选择 Pod，地址由别处设置",
    Why.SHARED: "使用基线的对象",
    Why.SHARE_NAMES_IT: "`share` 列出了它",
    Why.STAYS: "留在基线：{reason}",
    Why.STEERED_BY: "由 {object} 调度",
    Why.STEERS: "调度 {object}",
    Why.UNTAKEN: "发布中没有服务拥有它",
    Why.USED_BY: "{object} 使用它；{reason}",
    Why.WITHOUT_SHIFT: "{reason}；它的副本不切换流量（GC489）",
    Why.WORKLOAD: "服务的工作负载",
}
"""Reason → its sentence, with the values of the English one."""

KIND_REASONS: Mapping[str, str] = {
    "workload of the service": "服务的工作负载",
    "a gray copy would run on every node beside the baseline": "灰度副本会在每个节点上与基线并排运行",
    "a second one would do the same work twice": "第二份会把同样的工作做两遍",
    "a bare Pod is not kept alive by anything": "裸 Pod 没有控制器维持",
    "use a Deployment": "请改用 Deployment",
    "configuration of the service": "服务的配置",
    "address of the service": "服务的地址",
    "scales the workload": "伸缩工作负载",
    "guards the workload's pods": "保护工作负载的 Pod",
    "policies add up: the lane gets its own where gray pods need them": (
        "策略可以叠加：灰度 Pod 需要时，泳道有自己的一份"
    ),
    "the lane's routes name it as the baseline's do": "泳道的路由与基线的路由一样引用它",
    "entry": "入口",
    "belongs to the cluster, not to the lane": "属于集群，不属于泳道",
    "identity is shared with the baseline": "身份与基线共用",
    "storage belongs to the baseline; one for a single writer is pointed out (GC454)": (
        "存储属于基线；只允许单写的会另外指出（GC454）"
    ),
    "storage belongs to the baseline": "存储属于基线",
    "addresses that the baseline's own Service points at": "基线自己的 Service 指向的地址",
    "is about its Service by its own name: the gray Service has none (GC425)": (
        "按名字对应自己的 Service：灰度 Service 没有（GC425）"
    ),
    "sealed for its name: a copy could not be opened": "按名字加密：副本无法解开",
    "its Secret is shared with the baseline": "它的 Secret 与基线共用",
    "scrapes the copies too: the lane gets its own where it would not find them": (
        "也会采集副本：找不到副本时，泳道有自己的一份"
    ),
    "given by Dapr to the applications that it names: a copy would do its work twice": (
        "由 Dapr 提供给它列出的应用：副本会把工作做两遍"
    ),
    "governs gray pods too: the lane gets its own where it would not find them": (
        "对灰度 Pod 同样有效：找不到灰度 Pod 时，泳道有自己的一份"
    ),
    "belongs to the service, not to one copy of it": "属于服务，而不属于某一份副本",
    "routes of the baseline stay as they are": "基线的路由保持不变",
    "the gray Service names it as the baseline's does": "灰度 Service 与基线的 Service 一样引用它",
    "its host and its revisions are made by Knative; release it by its own traffic tags": (
        "域名和版本由 Knative 生成；请用它自己的流量标签发布"
    ),
    "its revisions are run by Knative as a Route asks": "它的版本由 Knative 按 Route 运行",
    "by it Flagger scales production's workload and rewrites its Services and routes": (
        "Flagger 据此伸缩生产的工作负载，并改写其 Service 和路由"
    ),
    "by it Flagger judges production's canary": "Flagger 据此评判生产的金丝雀",
    "by it Flagger tells of production's canary": "Flagger 据此通知生产的金丝雀",
    "by it OpenKruise holds back production's workload and rewrites its routes": (
        "OpenKruise 据此暂停生产的工作负载，并改写其路由"
    ),
    "by it OpenKruise moves production's pods": "OpenKruise 据此移动生产的 Pod",
    "by it OpenKruise rewrites production's routes": "OpenKruise 据此改写生产的路由",
    "its hours and sizes are production's; the lane has the pods that `replicas` says": (
        "时间和规模是生产的；泳道的 Pod 数由 `replicas` 决定"
    ),
    "it takes production's host to a proxy that counts requests, and two cannot have one host": (
        "它把生产的域名接到统计请求的代理，而一个域名不能有两份"
    ),
    "nodes pull an image once for all": "节点只需拉取一次镜像",
    "the pods of its subsets could not be told apart; release the workload of one subset": (
        "各子集的 Pod 无法区分；请发布某个子集的工作负载"
    ),
    "spreads the workload's pods": "打散工作负载的 Pod",
    "its pods could not be told apart; use a Deployment": "它的 Pod 无法区分；请改用 Deployment",
    "how the workload's scaler signs in": "工作负载的伸缩器如何登录",
    "judges the workload's pods": "评判工作负载的 Pod",
    "a judgement of production's pods": "对生产 Pod 的一次评判",
    "it installs or steers other objects: a copy would too, and to delete it would take production's away": (
        "它安装或调度其他对象：副本也会如此，而删除副本会带走生产的对象"
    ),
    "what the workload mounts": "工作负载挂载的内容",
    "its Secrets are shared with the baseline": "它的 Secret 与基线共用",
    "belongs to what it names: the lane gets its own for the gray side of that": (
        "属于它引用的对象：泳道的灰度侧有自己的一份"
    ),
    "it holds data, which gray pods use as production's do; a second one would start empty": (
        "它保存数据，灰度 Pod 与生产 Pod 共用；第二份会是空的"
    ),
    "an experiment on production; a second one would break gray pods too": ("针对生产的实验；第二份也会破坏灰度 Pod"),
    "stands in the service's own files": "在服务自己的文件中",
    "is of type ExternalName, which is no parent of a route": "是 ExternalName 类型，不能作路由的父级",
    "is headless, and has no address of its own that a route could lead": "是 headless，没有路由可以接管的地址",
    "have `linkerd.io/inject: ingress`, where the proxy goes by headers of its own": (
        "设置了 `linkerd.io/inject: ingress`，代理按自己的请求头转发"
    ),
}
"""What tables say, in English → in Chinese."""

WANTED: Mapping[str, str] = {
    "opens the lane": "打开泳道",
    "leads calls into the lanes": "把调用引入各泳道",
    "opens the lane, and leads calls into the lanes": "打开泳道，并把调用引入各泳道",
    "drops `{}` when it comes from outside": "丢弃从外部带来的 `{}`",
}
"""Why a change of production's own object is wanted (`BaselineChange.why`), in English → in Chinese."""

STORES: Mapping[str, str] = {
    "database": "数据库",
    "cache": "缓存",
    "search index": "搜索索引",
    "bucket": "存储桶",
    "volume": "卷",
}
"""Kind of a store → what it is."""
