// The toolkit side of the journey: node-soap driven by the published WSDL, and what the wire carried.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";

// The modules may lie outside the source tree: cargo xtask installs them below target.
const home = process.env.ISDS_NODE_SOAP ?? import.meta.dirname;
const soap = createRequire(join(home, "package.json"))("soap");

export const OPERATIONS = 76;
const WSDLS = ["dm_operations", "dm_info", "dm_VoDZ", "dm_arch", "db_search", "db_access", "db_manipulations"];

/** The server did something that it must not; the text says what. */
export class Failed extends Error {}

export function demand(condition, sentence) {
  if (!condition) throw new Failed(sentence);
}

/** What node-soap makes of a list: nothing, one, or an array. */
export const list = (value) => [].concat(value ?? []);

/** One login. Operations are called by their contract names, whatever WSDL they stand in. */
export class Person {
  owners = new Map();

  static async signIn(url, login, password) {
    const person = new Person();
    person.login = login;
    for (const name of WSDLS) {
      const client = await soap.createClientAsync(`${url}/wsdl/v20/${name}.wsdl`, { request: direct() });
      client.setSecurity(new soap.BasicAuthSecurity(login, password));
      // The path is the published one; the host is ours, so that no call can leave for another.
      client.setEndpoint(url + new URL(address(client)).pathname);
      for (const ports of Object.values(client.describe()))
        for (const operations of Object.values(ports))
          for (const operation of Object.keys(operations)) person.owners.set(operation, client);
    }
    return person;
  }

  get operations() {
    return this.owners.size;
  }

  /** Calls, demands status 0000, answers node-soap's value; the bytes are in `raw` afterwards. */
  async call(operation, fields = {}) {
    const answer = await this.attempt(operation, fields);
    const [code, text] = status(answer);
    demand(code === "0000", `${operation} as ${this.login} answered ${code}: ${text}`);
    return answer;
  }

  async attempt(operation, fields) {
    const client = this.owners.get(operation);
    demand(client, `no published WSDL has the operation ${operation}`);
    const [answer, raw] = await client[`${operation}Async`](fields);
    this.raw = Buffer.from(raw, "utf8");
    return answer;
  }

  /** The HTTP answer of a call that must not get as far as an operation. */
  async refused(operation, fields = {}) {
    let error;
    try {
      await this.attempt(operation, fields);
    } catch (thrown) {
      error = thrown;
    }
    demand(error, `${operation} as ${this.login} was let in`);
    if (!error.response) throw error;
    return error.response;
  }
}

/** An HTTP client without a proxy: one of the machine must not see test traffic, and cannot reach loopback. */
function direct() {
  const axios = createRequire(createRequire(join(home, "package.json")).resolve("soap"))("axios");
  return axios.create({ proxy: false, timeout: 60_000, maxBodyLength: Infinity, maxContentLength: Infinity });
}

/** The address in the WSDL's only port. */
function address(client) {
  const ports = Object.values(client.wsdl.definitions.services).flatMap((service) => Object.values(service.ports));
  demand(ports.length === 1, `a WSDL with ${ports.length} ports`);
  return ports[0].location;
}

/** Code and text of an answer of either family. */
export function status(answer) {
  const found = answer?.dmStatus ?? answer?.dbStatus;
  demand(found, `an answer without a status: ${JSON.stringify(answer)?.slice(0, 300)}`);
  return [found.dmStatusCode ?? found.dbStatusCode, found.dmStatusMessage ?? found.dbStatusMessage];
}

/** The bytes that the hash is about, from `<` of the start tag to `>` of the end tag, exactly as they came. */
export function dmDm(raw, where) {
  const [start, end] = [raw.indexOf("<p:dmDm "), raw.indexOf("</p:dmDm>")];
  demand(start >= 0 && end > start, `${where} holds no element p:dmDm`);
  demand(raw.lastIndexOf("<p:dmDm ") === start && raw.lastIndexOf("</p:dmDm>") === end, `${where}: several p:dmDm`);
  return raw.subarray(start, end + "</p:dmDm>".length);
}

export function checkHash(content, dmHash, where) {
  demand(dmHash?.attributes?.algorithm === "SHA-256", `${where}: the hash is ${JSON.stringify(dmHash)}`);
  const own = createHash("sha256").update(content).digest("base64");
  demand(dmHash.$value === own, `${where}: dmHash is not the SHA-256 of the bytes of p:dmDm`);
}

/** What is sealed inside a file, taken out by openssl; trust is judged elsewhere. */
export function cmsContent(path) {
  try {
    const command = ["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", path];
    return execFileSync("openssl", command, { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
  } catch (error) {
    throw new Failed(`openssl cms refuses ${path}: ${error.stderr ?? error.message}`);
  }
}
