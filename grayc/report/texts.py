"""Texts of pictures and pages: name → in English, in Chinese. A text may have values in braces, the same in both."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    # Pictures
    "graph-title": ("release {release}, lane {tag}", "发布 {release}，泳道 {tag}"),
    "gray": ("gray", "灰度"),
    "production": ("production", "生产"),
    "unknown": ("unknown", "未知"),
    "any-host": ("any host", "任意域名"),
    "nobody": ("nobody", "没有请求进入"),
    "more": ("and {n} more", "另有 {n} 个"),
    "more-rows": ("and {n} more rows, not drawn", "另有 {n} 行未画出"),
    "not-entered": ("no opened entry leads to {service}", "没有打开的入口通往 {service}"),
    "link-lane": ("request of the lane", "泳道的请求"),
    "link-falls_back": ("falls back", "回到基线"),
    "link-lost": ("not carried", "未带入泳道"),
    "link-unknown": ("unknown whether carried", "能否带入未知"),
    "link-production": ("other requests", "其他请求"),
    "legend-lane": ("request of the lane", "泳道的请求"),
    "legend-falls_back": ("falls back to production", "回到基线"),
    "legend-lost": ("✕ not carried into the lane", "✕ 未带入泳道"),
    "legend-unknown": ("? unknown whether carried", "? 能否带入泳道未知"),
    "legend-production": ("other requests", "其他请求"),
}
