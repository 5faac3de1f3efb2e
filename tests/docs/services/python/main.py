"""Ask the page's program: a call with the tag, one of a request without it, and one of a thread."""

from concurrent.futures import ThreadPoolExecutor

from gray_tag import GrayTag, lane_request, submit  # type: ignore[import-not-found]


def call(*_: object) -> list[str]:
    return [lane_request("http://cart/price", headers={"accept": "*/*"}).get_header("X-gray-tag", "")]


with ThreadPoolExecutor(1) as pool:
    tagged = {"HTTP_X_GRAY_TAG": "gray"}
    print("request=" + GrayTag(call)(tagged, None)[0])
    print("next=" + GrayTag(call)({}, None)[0])
    print("thread=" + GrayTag(lambda *_: submit(pool, call).result())(tagged, None)[0])
