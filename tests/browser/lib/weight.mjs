// What a page weighs when it is opened for the first time: all that comes over the network, compressed as it comes.

/** Opens `path` in a page without a cache and answers the bytes by address. */
export async function weigh(page, path) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const addresses = new Map();
  const bytes = {};
  session.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, new URL(request.url).pathname));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const address = addresses.get(requestId) ?? requestId;
    bytes[address] = (bytes[address] ?? 0) + encodedDataLength;
  });
  await page.goto(path, { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready);
  await session.detach();
  return bytes;
}

/** Demands that a page weighs less than 300 kB at first load. */
export async function checkWeight(page, path, most = 300_000) {
  const bytes = await weigh(page, path);
  const sum = Object.values(bytes).reduce((one, other) => one + other, 0);
  if (sum === 0) throw new Error(`nothing came for ${path}`);
  if (sum < most) return sum;
  const lines = Object.entries(bytes).sort((one, other) => other[1] - one[1]).map(([address, size]) => `  ${size} ${address}`);
  throw new Error(`${path} weighs ${sum} bytes:\n${lines.join("\n")}`);
}
