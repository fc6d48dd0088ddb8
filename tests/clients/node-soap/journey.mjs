// A message's way from an office to a citizen, walked by node-soap.
//
// Environment: ISDS_URL, for example http://127.0.0.1:8080; OUT, a folder for what openssl shall judge afterwards.
// Prints a line a step; ends with 1 and a sentence at the first thing that is not as it must be.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Failed, OPERATIONS, Person, checkHash, cmsContent, demand, dmDm, list, status } from "./client.mjs";

const PASSWORD = "DemoHeslo2026";
const [OFFICE, CITIZEN] = ["mesta2j", "nvak22s"];
const ANNOTATION = "Výzva k doplnění podání (node-soap)";
const NOTE = Buffer.from("Příloha: žluťoučký kůň.\n");
const DELIVERED_WITHIN = 15_000;

/** One page with one line, with a cross-reference table that is right. */
function smallPdf() {
  const stream = "BT /F1 24 Tf 72 720 Td (Vyzva) Tj ET";
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let pdf = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n";
  const offsets = objects.map((body, index) => {
    const offset = pdf.length;
    pdf += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const table = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  pdf += offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  pdf += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(pdf, "latin1");
}

async function lookAround(office) {
  const found = list((await office.call("FindDataBox2", { dbOwnerInfo: { dbID: CITIZEN } })).dbResults?.dbOwnerInfo);
  demand(found.length === 1 && found[0].dbID === CITIZEN, `FindDataBox2 found ${JSON.stringify(found)}`);
  demand(found[0].dbType === "FO" && found[0].pnLastName === "Novák", `FindDataBox2 says ${JSON.stringify(found[0])}`);
  const { dbState } = await office.call("CheckDataBox", { dbID: CITIZEN });
  demand(Number(dbState) === 1, `CheckDataBox says ${dbState}`);
  const owner = (await office.call("GetOwnerInfoFromLogin2", { dbDummy: "" })).dbOwnerInfo;
  demand(owner.dbID === OFFICE && owner.dbType === "OVM", `GetOwnerInfoFromLogin2 says ${owner.dbID}, ${owner.dbType}`);
  const user = (await office.call("GetUserInfoFromLogin2", { dbDummy: "" })).dbUserInfo;
  demand(user.userType === "PRIMARY_USER", `GetUserInfoFromLogin2 says ${user.userType}`);
  await office.call("GetPasswordInfo", { dbDummy: "" });
}

const FILES = [
  { dmMimeType: "application/pdf", dmFileMetaType: "main", dmFileDescr: "výzva.pdf", content: smallPdf() },
  { dmMimeType: "text/plain", dmFileMetaType: "enclosure", dmFileDescr: "poznámka.txt", content: NOTE },
];

async function send(office) {
  const dmFile = FILES.map(({ content, ...attributes }) => ({
    attributes,
    dmEncodedContent: content.toString("base64"),
  }));
  const dmEnvelope = { dbIDRecipient: CITIZEN, dmAnnotation: ANNOTATION, dmSenderRefNumber: "MV-2/2026" };
  const { dmID } = await office.call("CreateMessage", { dmEnvelope, dmFiles: { dmFile } });
  demand(dmID, "CreateMessage answered 0000 without a dmID");
  return String(dmID);
}

async function awaitDelivery(office, dmID) {
  const begun = performance.now();
  for (;;) {
    const state = Number((await office.call("GetDeliveryInfo", { dmID })).dmDelivery.dmMessageStatus);
    const waited = performance.now() - begun;
    if (state >= 4) {
      demand(state === 4, `message ${dmID} is in state ${state} although nobody has signed in`);
      return waited;
    }
    demand(waited < DELIVERED_WITHIN, `message ${dmID} is still in state ${state} after ${DELIVERED_WITHIN} ms`);
    await pause(100);
  }
}

async function listedState(person, operation, dmID) {
  // Unset elements are left out: what node-soap does by itself.
  const answer = await person.call(operation, { dmStatusFilter: "-1", dmOffset: 1, dmLimit: 1000 });
  const mine = list(answer.dmRecords?.dmRecord).filter((record) => String(record.dmID) === dmID);
  demand(mine.length === 1, `${operation} as ${person.login} lists message ${dmID} ${mine.length} times`);
  demand(mine[0].dmAnnotation === ANNOTATION, `${operation}: the annotation is '${mine[0].dmAnnotation}'`);
  return Number(mine[0].dmMessageStatus);
}

async function read(citizen, dmID, out) {
  const message = (await citizen.call("MessageDownload", { dmID })).dmReturnedMessage;
  const content = dmDm(citizen.raw, "MessageDownload");
  checkHash(content, message.dmHash, "MessageDownload");
  const files = list(message.dmDm.dmFiles.dmFile);
  const same = FILES.every(
    ({ content: bytes, ...attributes }, index) =>
      Object.entries(attributes).every(([name, value]) => files[index]?.attributes[name] === value) &&
      Buffer.from(files[index].dmEncodedContent, "base64").equals(bytes),
  );
  demand(files.length === FILES.length && same, "the attachments did not come back as they were sent");
  demand(message.dmQTimestamp, "MessageDownload brings no dmQTimestamp");
  writeFileSync(join(out, "dmDm.bin"), content);
  writeFileSync(join(out, "dmQTimestamp.tst"), Buffer.from(message.dmQTimestamp, "base64"));
  return content;
}

async function sealed(person, operation, dmID, path) {
  const { dmSignature } = await person.call(operation, { dmID });
  writeFileSync(path, Buffer.from(dmSignature, "base64"));
  return cmsContent(path);
}

async function delivery(person, dmID, state, content) {
  const { dmDelivery } = await person.call("GetDeliveryInfo", { dmID });
  const { dmMessageStatus, dmEvents, dmDeliveryTime, dmAcceptanceTime } = dmDelivery;
  demand(Number(dmMessageStatus) === state, `GetDeliveryInfo as ${person.login}: state ${dmMessageStatus}, not ${state}`);
  const events = list(dmEvents.dmEvent).map((event) => event.dmEventDescr.split(":")[0]);
  demand(events.join() === "EV0,EV5,EV11", `GetDeliveryInfo as ${person.login}: events ${events}`);
  demand(dmDeliveryTime && dmAcceptanceTime, "GetDeliveryInfo lacks a time");
  checkHash(content, dmDelivery.dmHash, "GetDeliveryInfo");
}

async function authenticate(person, out) {
  for (const name of ["received.zfo", "sent.zfo", "delivery.zfo"]) {
    const dmMessage = readFileSync(join(out, name), "base64");
    const { dmAuthResult } = await person.call("AuthenticateMessage", { dmMessage });
    demand(dmAuthResult === true, `AuthenticateMessage says ${dmAuthResult} to the genuine ${name}`);
  }
  const altered = readFileSync(join(out, "received.zfo"));
  const at = altered.indexOf(ANNOTATION);
  demand(at > 0, "the annotation does not stand in one piece in the sealed message");
  altered[at] ^= 0x20;
  const answer = await person.attempt("AuthenticateMessage", { dmMessage: altered.toString("base64") });
  const [[code], result] = [status(answer), answer.dmAuthResult ?? null];
  demand(code === "0000" ? result === false : result === null, `an altered copy: ${code}, ${result}`);
}

/** Nineteen million bytes of a text file, enough for a large message. */
function largeText() {
  const lines = [];
  for (let size = 0, number = 0; size < 19_000_000; number += 1) {
    const line = Buffer.from(`Příloha velkokapacitní zprávy, řádek ${String(number).padStart(8, "0")}.\n`);
    lines.push(line);
    size += line.length;
  }
  return Buffer.concat(lines);
}

async function sendLarge(office) {
  const content = largeText();
  const attributes = { dmMimeType: "text/plain", dmFileDescr: "velká.txt" };
  const upload = await office.call("UploadAttachment", {
    dmFile: { attributes, dmEncodedContent: content.toString("base64") },
  });
  const { dmAttID, dmAttHash1, dmAttHash2 } = upload;
  const sha256 = createHash("sha256").update(content).digest("hex");
  demand(dmAttHash1.$value.toLowerCase() === sha256, "UploadAttachment answers another SHA-256");
  const uploaded = {
    attributes: {
      dmFileMetaType: "main",
      dmAttID,
      dmAttHash1: dmAttHash1.$value,
      dmAttHash1Alg: dmAttHash1.attributes.AttHashAlg,
      dmAttHash2: dmAttHash2.$value,
      dmAttHash2Alg: dmAttHash2.attributes.AttHashAlg,
    },
  };
  const dmEnvelope = { dbIDRecipient: CITIZEN, dmAnnotation: ANNOTATION };
  const { dmID } = await office.call("CreateBigMessage", { dmEnvelope, dmFiles: { dmExtFile: [uploaded] } });
  demand(dmID, "CreateBigMessage answered 0000 without a dmID");
  return [String(dmID), content];
}

async function readLarge(citizen, dmID, content, out) {
  await listedState(citizen, "GetListOfReceivedMessages", dmID);
  const message = (await citizen.call("BigMessageDownload", { dmID })).dmReturnedMessage;
  checkHash(dmDm(citizen.raw, "BigMessageDownload"), message.dmHash, "BigMessageDownload");
  const [file] = list(message.dmDm.dmFiles.dmFile);
  demand(Buffer.from(file.dmEncodedContent, "base64").equals(content), "the large attachment came back otherwise");
  await sealed(citizen, "SignedBigMessageDownload", dmID, join(out, "large.zfo"));
  const dmMessage = readFileSync(join(out, "large.zfo"), "base64");
  const { dmAuthResult } = await citizen.call("AuthenticateBigMessage", { dmMessage });
  demand(dmAuthResult === true, `AuthenticateBigMessage says ${dmAuthResult}`);
}

async function refuseAWrongPassword(url) {
  const stranger = await Person.signIn(url, "mesto01", "neni-to-ono-1A");
  const answer = await stranger.refused("GetOwnerInfoFromLogin2", { dbDummy: "" });
  demand(answer.status === 401, `a wrong password is answered with HTTP ${answer.status}`);
  const asked = String(answer.headers["www-authenticate"]);
  demand(asked.startsWith("Basic"), `401 comes with WWW-Authenticate: ${asked}`);
}

async function journey(url, out) {
  const say = (text) => console.log(`node-soap: ${text}`);
  const office = await Person.signIn(url, "mesto01", PASSWORD);
  const citizen = await Person.signIn(url, "novak01", PASSWORD);
  demand(office.operations === OPERATIONS, `the published WSDLs have ${office.operations} operations, not ${OPERATIONS}`);
  say(`the published WSDLs load, ${office.operations} operations`);
  await refuseAWrongPassword(url);
  say("a wrong password gets 401");
  await lookAround(office);
  say("the office finds the citizen and itself");
  const dmID = await send(office);
  say(`message ${dmID} is accepted`);
  say(`delivered to the box after ${((await awaitDelivery(office, dmID)) / 1000).toFixed(1)} s`);
  let state = await listedState(office, "GetListOfSentMessages", dmID);
  demand(state === 4, `the sender's list says ${state}, not 4`);
  state = await listedState(citizen, "GetListOfReceivedMessages", dmID);
  demand(state === 6, `the recipient's list says ${state}, not 6`);
  say("the citizen's list delivers it: state 6");
  const content = await read(citizen, dmID, out);
  say("downloaded, attachments as sent, dmHash right");
  checkHash(content, (await citizen.call("VerifyMessage", { dmID })).dmHash, "VerifyMessage");
  const received = (await citizen.call("MessageEnvelopeDownload", { dmID })).dmReturnedMessageEnvelope;
  checkHash(content, received.dmHash, "MessageEnvelopeDownload");
  const sent = (await office.call("SentMessageEnvelopeDownload", { dmID })).dmReturnedMessageEnvelope;
  checkHash(content, sent.dmHash, "SentMessageEnvelopeDownload");
  say("VerifyMessage and both envelopes carry the same hash");
  for (const [person, operation, name] of [
    [citizen, "SignedMessageDownload", "received.zfo"],
    [office, "SignedSentMessageDownload", "sent.zfo"],
  ]) {
    const inner = dmDm(await sealed(person, operation, dmID, join(out, name)), name);
    demand(inner.equals(content), `the dmDm inside ${name} is not the dmDm of MessageDownload, byte for byte`);
  }
  say("both sealed forms hold the same dmDm, byte for byte");
  await citizen.call("MarkMessageAsDownloaded", { dmID });
  state = await listedState(citizen, "GetListOfReceivedMessages", dmID);
  demand(state === 7, `after MarkMessageAsDownloaded the list says ${state}, not 7`);
  say("marked as downloaded: state 7");
  await delivery(citizen, dmID, 7, content);
  await delivery(office, dmID, 6, content);
  await sealed(citizen, "GetSignedDeliveryInfo", dmID, join(out, "delivery.zfo"));
  say("delivery info: EV0, EV5, EV11; the sender sees 6");
  const changes = list((await office.call("GetMessageStateChanges")).dmRecords?.dmRecord);
  const states = changes.filter((change) => String(change.dmID) === dmID).map((change) => Number(change.dmMessageStatus));
  demand(states.sort().join() === "4,6", `GetMessageStateChanges reports ${states}`);
  say("state changes: 4, 6");
  await authenticate(citizen, out);
  say("AuthenticateMessage: genuine ones yes, an altered one no");
  const [large, attachment] = await sendLarge(office);
  await awaitDelivery(office, large);
  await readLarge(citizen, large, attachment, out);
  say(`large message ${large}: uploaded, sent, downloaded`);
}

const { ISDS_URL, OUT } = process.env;
if (!ISDS_URL || !OUT) {
  console.error("the environment variables ISDS_URL and OUT have to be set");
  process.exit(1);
}
try {
  await journey(ISDS_URL.replace(/\/$/, ""), OUT);
} catch (error) {
  // A refusal by node-soap brings the server's answer along, which says more than its own message.
  const answer = error instanceof Failed ? "" : ` ${String(error.body ?? error.response?.data ?? "").slice(0, 500)}`;
  console.error(`node-soap: ${error.message}${answer}`);
  process.exit(1);
}
