// A reporter of node's test runner: the failed walks alone, each with its reason, for the end of a long output.

export default async function* failures(events) {
  for await (const { type, data } of events) {
    // A file fails with each of its walks; what it has to say is theirs.
    const error = data.details?.error;
    if (type !== "test:fail" || error?.failureType === "subtestsFailed") continue;
    yield `${data.name}\n  ${(error?.cause?.stack ?? String(error)).replaceAll("\n", "\n  ")}\n`;
  }
}
