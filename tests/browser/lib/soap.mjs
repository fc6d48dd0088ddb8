// What other programs do over SOAP, so that walks find material: as the personas, with their passwords.

import { setTimeout as pause } from "node:timers/promises";

import { DEMO_PASSWORD } from "./persona.mjs";

const NAMESPACE = "http://isds.czechpoint.cz/v20";
const DELIVERED_WITHIN = 15_000;

const escape = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

/** The text of the first element with this local name; empty where there is none. */
export function text(xml, name) {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(xml)?.[1] ?? "";
}

/** Calls an operation at `path` (`/DS/dz`, …) with these children; the whole answer when it says 0000. */
export async function call(demo, login, path, operation, children) {
  const body = `<?xml version="1.0" encoding="utf-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><${operation} xmlns="${NAMESPACE}">${children}</${operation}></Body></Envelope>`;
  const credentials = Buffer.from(`${login}:${DEMO_PASSWORD}`).toString("base64");
  const answer = await fetch(demo.url + path, {
    method: "POST",
    headers: { "Content-Type": "text/xml; charset=utf-8", Authorization: `Basic ${credentials}` },
    body,
  });
  const xml = await answer.text();
  const code = text(xml, "dmStatusCode") || text(xml, "dbStatusCode");
  if (!answer.ok || code !== "0000") throw new Error(`${operation}: HTTP ${answer.status}, ${code}: ${xml.slice(0, 500)}`);
  return xml;
}

/**
 * Sends a letter as `login`; answers its number once it is delivered to the box.
 *
 * @param {object} letter
 * @param {string} letter.to box of the recipient
 * @param {string} letter.subject
 * @param {{name: string, content: string|Buffer, mime?: string}[]} [letter.files] one text file where none are given
 * @param {Record<string, string|boolean>} [letter.envelope] further elements of dmEnvelope, which go before the subject
 *   or after it as the schema wants: `dmSenderRefNumber`, `dmPersonalDelivery`, …
 */
export async function send(demo, login, { to, subject, files, envelope = {} }) {
  const parts = (files ?? [{ name: "dopis.txt", content: subject }]).map(({ name, content, mime = "" }, index) => {
    const kind = index === 0 ? "main" : "enclosure";
    const encoded = Buffer.from(content).toString("base64");
    return `<dmFile dmMimeType="${escape(mime)}" dmFileMetaType="${kind}" dmFileDescr="${escape(name)}"><dmEncodedContent>${encoded}</dmEncodedContent></dmFile>`;
  });
  const fields = { dbIDRecipient: to, dmAnnotation: subject, ...envelope };
  const order = [...ENVELOPE.filter((name) => name in fields), ...Object.keys(fields).filter((name) => !ENVELOPE.includes(name))];
  const elements = order.map((name) => `<${name}>${escape(fields[name])}</${name}>`).join("");
  const xml = await call(
    demo,
    login,
    "/DS/dz",
    "CreateMessage",
    `<dmEnvelope>${elements}</dmEnvelope><dmFiles>${parts.join("")}</dmFiles>`,
  );
  const id = text(xml, "dmID");
  await delivered(demo, login, id);
  return id;
}

/** The order of the elements of dmEnvelope in the schema. */
const ENVELOPE = [
  "dmSenderOrgUnit", "dmSenderOrgUnitNum", "dbIDRecipient", "dmRecipientOrgUnit", "dmRecipientOrgUnitNum", "dmToHands",
  "dmAnnotation", "dmRecipientRefNumber", "dmSenderRefNumber", "dmRecipientIdent", "dmSenderIdent", "dmLegalTitleLaw",
  "dmLegalTitleYear", "dmLegalTitleSect", "dmLegalTitlePar", "dmLegalTitlePoint", "dmPersonalDelivery",
  "dmAllowSubstDelivery", "dmOVM", "dmPublishOwnID",
];

/** Waits until a sent message has reached the recipient's box. */
export async function delivered(demo, login, id) {
  const until = Date.now() + DELIVERED_WITHIN;
  for (;;) {
    const info = await call(demo, login, "/DS/dx", "GetDeliveryInfo", `<dmID>${id}</dmID>`);
    if (Number(text(info, "dmMessageStatus")) >= 4) return;
    if (Date.now() > until) throw new Error(`message ${id} is not delivered after ${DELIVERED_WITHIN} ms`);
    await pause(50);
  }
}

/** Lists the received messages, which delivers them by login. */
export async function openInbox(demo, login) {
  return call(
    demo,
    login,
    "/DS/dx",
    "GetListOfReceivedMessages",
    "<dmFromTime/><dmToTime/><dmRecipientOrgUnitNum/><dmStatusFilter>-1</dmStatusFilter><dmOffset>1</dmOffset><dmLimit>100</dmLimit>",
  );
}

/** A sealed message (ZFO) as the sender downloads it. */
export async function sealedSent(demo, login, id) {
  const xml = await call(demo, login, "/DS/dz", "SignedSentMessageDownload", `<dmID>${id}</dmID>`);
  return Buffer.from(text(xml, "dmSignature"), "base64");
}

/** A sealed delivery info (ZFO). */
export async function sealedDeliveryInfo(demo, login, id) {
  const xml = await call(demo, login, "/DS/dx", "GetSignedDeliveryInfo", `<dmID>${id}</dmID>`);
  return Buffer.from(text(xml, "dmSignature"), "base64");
}
