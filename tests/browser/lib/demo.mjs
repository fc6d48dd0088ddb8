// A running `isds demo` of a walk's own, in a temporary folder, on a port of its own.

import { spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { TARGET } from "./packages.mjs";

const READY_WITHIN = 60_000;
const BINARY = process.env.ISDS_BINARY ?? join(TARGET, "debug/isds");

// Ends the server even where this process was killed: reads its id, waits until the pipe closes, then sends KILL.
const GUARD = 'read -r pid; cat >/dev/null; kill -s KILL "$pid" 2>/dev/null; rm -rf -- "$1"';

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Demo {
  #process;
  #guard;
  #arguments;

  constructor(folder, port, extra) {
    this.folder = folder;
    this.port = port;
    this.url = `http://localhost:${port}`;
    this.#arguments = extra;
  }

  /** The server's log, over all its starts. */
  get log() {
    return join(this.folder, "server.log");
  }

  /** The demo's certificate authority (PEM). */
  get ca() {
    return join(this.folder, "data/trust/ca.pem");
  }

  /** Starts the server and waits until it is ready; on a folder with data it goes on with them. */
  async start() {
    const log = openSync(this.log, "a");
    const child = spawn(
      BINARY,
      ["demo", "--data", join(this.folder, "data"), "--listen", `127.0.0.1:${this.port}`, ...this.#arguments],
      { cwd: this.folder, stdio: ["ignore", log, log] },
    );
    closeSync(log);
    const failed = new Promise((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => reject(new Error(`isds ended while starting (${code ?? signal})`)));
    });
    failed.catch(() => {});
    this.#process = child;
    this.#guard = spawn("/bin/sh", ["-c", GUARD, "guard", this.folder], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    this.#guard.stdin.on("error", () => {});
    this.#guard.stdin.write(`${child.pid}\n`);
    this.#guard.unref();
    this.#guard.stdin.unref?.();
    const until = Date.now() + READY_WITHIN;
    for (;;) {
      const ready = fetch(`${this.url}/health/ready`).then((answer) => answer.ok, () => false);
      if (await Promise.race([ready, failed])) return;
      if (Date.now() > until) throw new Error(`isds is not ready after ${READY_WITHIN} ms`);
      await pause(20);
    }
  }

  /** Ends the server: SIGTERM as an operator would, SIGKILL as a power cut would. */
  async stop(signal = "SIGTERM") {
    const child = this.#process;
    if (!child) return;
    this.#process = undefined;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      const limit = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(limit);
    }
    // The process is gone; its guard must neither wait for anything nor remove the folder.
    this.#guard?.kill("SIGKILL");
  }

  /** Ends it and starts it again on the same folder and port. */
  async restart(signal = "SIGTERM") {
    await this.stop(signal);
    await this.start();
  }

  /** Ends it and takes its folder away. */
  async end() {
    await this.stop("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Winds the legal clock forward; what falls due is done when this returns. */
  async advance(seconds) {
    return this.#test("/test/clock", { advance_seconds: seconds });
  }

  /** Winds the legal clock forward by whole days. */
  async advanceDays(days) {
    return this.advance(days * 86_400);
  }

  /** Legal time. */
  async now() {
    const answer = await fetch(`${this.url}/test/clock`);
    return new Date((await answer.json()).now);
  }

  /** Back to the first state, keys kept. */
  async reset() {
    return this.#test("/test/reset", {});
  }

  /** The end of the server's log. */
  async logTail(length = 4000) {
    const log = await readFile(this.log, "utf8").catch(() => "");
    return log.slice(-length);
  }

  async #test(path, body) {
    const answer = await fetch(this.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  }
}

/** Starts a demo; `extra` are arguments after `--data` and `--listen`, say `["--smtp", "smtp://127.0.0.1:2525"]`. */
export async function startDemo(extra = []) {
  const folder = await mkdtemp(join(tmpdir(), "isds-walk-"));
  for (let tries = 5; ; tries -= 1) {
    const demo = new Demo(folder, await freePort(), extra);
    try {
      await demo.start();
      return demo;
    } catch (error) {
      const log = await demo.logTail();
      await demo.stop("SIGKILL");
      if (tries > 1 && log.includes("Address already in use")) continue;
      await rm(folder, { recursive: true, force: true });
      throw new Error(`${error.message}\n${log}`);
    }
  }
}
