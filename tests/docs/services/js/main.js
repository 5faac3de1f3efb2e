// Ask the page's program: a call with the tag, one of a request without it, and one after a timer.
const { setTimeout: after } = require("node:timers/promises");
const { grayTag, laneFetch } = require("./gray-tag.js");

globalThis.fetch = async (_, options) => options.headers.get("x-gray-tag") ?? "";
const call = () => laneFetch("http://cart/price", { headers: { accept: "*/*" } });
const serve = (headers, task) => new Promise((done) => grayTag({ headers }, {}, async () => done(await task())));

(async () => {
  const tagged = { "x-gray-tag": "gray" };
  console.log(`request=${await serve(tagged, call)}`);
  console.log(`next=${await serve({}, call)}`);
  console.log(`thread=${await serve(tagged, () => after(1).then(call))}`);
})();
