"""A message's way from an office to a citizen, walked by zeep.

Environment: ISDS_URL, for example http://127.0.0.1:8080; OUT, a folder for what openssl shall judge afterwards.
Prints a line a step; ends with 1 and a sentence at the first thing that is not as it must be.
"""

import hashlib
import os
import pathlib
import sys
import time

import requests
import zeep.exceptions

from client import OPERATIONS, Failed, Person, Published, check_hash, cms_content, demand, dm_dm, items, status

PASSWORD = "DemoHeslo2026"
OFFICE, CITIZEN = "mesta2j", "nvak22s"
ANNOTATION = "Rozhodnutí o přidělení čísla popisného (zeep)"
NOTE = "Příloha: žluťoučký kůň.\n".encode()
DELIVERED_WITHIN = 15.0


def small_pdf():
    """One page with one line, with a cross-reference table that is right."""
    stream = b"BT /F1 24 Tf 72 720 Td (Rozhodnuti) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    pdf, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    pdf += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(pdf)


def look_around(office):
    found = office.call("FindDataBox2", dbOwnerInfo={"dbID": CITIZEN}).dbResults
    found = items(found, "dbOwnerInfo")
    demand([box.dbID for box in found] == [CITIZEN], f"FindDataBox2 for {CITIZEN} found {[b.dbID for b in found]}")
    demand((found[0].dbType, found[0].pnLastName) == ("FO", "Novák"), f"FindDataBox2 describes {found[0]}")
    demand(office.call("CheckDataBox", dbID=CITIZEN).dbState == 1, f"{CITIZEN} is not accessible")
    owner = office.call("GetOwnerInfoFromLogin2", dbDummy="").dbOwnerInfo
    demand((owner.dbID, owner.dbType) == (OFFICE, "OVM"), f"GetOwnerInfoFromLogin2 says {owner.dbID}, {owner.dbType}")
    user = office.call("GetUserInfoFromLogin2", dbDummy="").dbUserInfo
    demand(user.userType == "PRIMARY_USER", f"GetUserInfoFromLogin2 says {user.userType}")
    office.call("GetPasswordInfo", dbDummy="")


def send(office):
    envelope = {
        "dbIDRecipient": CITIZEN,
        "dmAnnotation": ANNOTATION,
        "dmSenderRefNumber": "MV-1/2026",
        "dmPersonalDelivery": False,
        "dmAllowSubstDelivery": True,
    }
    files = [
        {
            "dmMimeType": "application/pdf",
            "dmFileMetaType": "main",
            "dmFileDescr": "rozhodnutí.pdf",
            "dmEncodedContent": small_pdf(),
        },
        {
            "dmMimeType": "text/plain",
            "dmFileMetaType": "enclosure",
            "dmFileDescr": "poznámka.txt",
            "dmEncodedContent": NOTE,
        },
    ]
    answer = office.call("CreateMessage", dmEnvelope=envelope, dmFiles={"dmFile": files})
    demand(answer.dmID, "CreateMessage answered 0000 without a dmID")
    return answer.dmID


def await_delivery(office, dm_id):
    begun = time.monotonic()
    while True:
        state = office.call("GetDeliveryInfo", dmID=dm_id).dmDelivery.dmMessageStatus
        waited = time.monotonic() - begun
        if state >= 4:
            demand(state == 4, f"message {dm_id} is in state {state} although nobody has signed in")
            return waited
        demand(waited < DELIVERED_WITHIN, f"message {dm_id} is still in state {state} after {DELIVERED_WITHIN} s")
        time.sleep(0.1)


def listed(person, operation, dm_id):
    org_unit = "dmRecipientOrgUnitNum" if "Received" in operation else "dmSenderOrgUnitNum"
    fields = {"dmFromTime": None, "dmToTime": None, org_unit: None}
    answer = person.call(operation, **fields, dmStatusFilter="-1", dmOffset=1, dmLimit=1000)
    mine = [record for record in items(answer.dmRecords, "dmRecord") if record.dmID == dm_id]
    demand(len(mine) == 1, f"{operation} as {person.login} lists message {dm_id} {len(mine)} times")
    demand(mine[0].dmAnnotation == ANNOTATION, f"{operation}: the annotation is {mine[0].dmAnnotation!r}")
    return mine[0]


def read(citizen, dm_id, out):
    message = citizen.call("MessageDownload", dmID=dm_id).dmReturnedMessage
    content = dm_dm(citizen.raw(), "MessageDownload")
    check_hash(content, message.dmHash, "MessageDownload")
    files = [(f.dmFileDescr, f.dmMimeType, f.dmEncodedContent) for f in items(message.dmDm.dmFiles, "dmFile")]
    sent = [("rozhodnutí.pdf", "application/pdf", small_pdf()), ("poznámka.txt", "text/plain", NOTE)]
    demand(files == sent, f"the attachments came back as {[f[:2] for f in files]}, or with other content")
    demand(message.dmQTimestamp, "MessageDownload brings no dmQTimestamp")
    (out / "dmDm.bin").write_bytes(content)
    (out / "dmQTimestamp.tst").write_bytes(message.dmQTimestamp)
    return content, message.dmHash


def sealed(person, operation, dm_id, path):
    path.write_bytes(person.call(operation, dmID=dm_id).dmSignature)
    return cms_content(path)


def delivery(person, dm_id, state, dm_hash):
    info = person.call("GetDeliveryInfo", dmID=dm_id).dmDelivery
    demand(info.dmMessageStatus == state, f"GetDeliveryInfo as {person.login}: state {info.dmMessageStatus}, not {state}")
    events = [event.dmEventDescr.split(":")[0] for event in items(info.dmEvents, "dmEvent")]
    demand(events == ["EV0", "EV5", "EV11"], f"GetDeliveryInfo as {person.login}: events {events}")
    demand(info.dmDeliveryTime and info.dmAcceptanceTime, "GetDeliveryInfo lacks a time")
    demand(info.dmHash._value_1 == dm_hash._value_1, "GetDeliveryInfo carries another hash")


def large_text():
    """Nineteen million bytes of a text file: more than an ordinary message may be asked to carry comfortably, enough
    for a large one."""
    line = "Příloha velkokapacitní zprávy, řádek {:08d}.\n"
    size = len(line.format(0).encode())
    return "".join(line.format(number) for number in range(19_000_000 // size + 1)).encode()


def send_large(office):
    content = large_text()
    upload = office.call(
        "UploadAttachment",
        dmFile={"dmMimeType": "text/plain", "dmFileDescr": "velká.txt", "dmEncodedContent": content},
    )
    sha256 = hashlib.sha256(content).hexdigest()
    demand(upload.dmAttHash1._value_1.lower() == sha256, "UploadAttachment answers another SHA-256")
    demand(upload.dmAttHash2._value_1.lower() == hashlib.sha3_256(content).hexdigest(), "another SHA3-256")
    uploaded = {
        "dmFileMetaType": "main",
        "dmAttID": upload.dmAttID,
        "dmAttHash1": upload.dmAttHash1._value_1,
        "dmAttHash1Alg": upload.dmAttHash1.AttHashAlg,
        "dmAttHash2": upload.dmAttHash2._value_1,
        "dmAttHash2Alg": upload.dmAttHash2.AttHashAlg,
    }
    note = {
        "dmMimeType": "text/plain",
        "dmFileMetaType": "enclosure",
        "dmFileDescr": "poznámka.txt",
        "dmEncodedContent": NOTE,
    }
    answer = office.call(
        "CreateBigMessage",
        dmEnvelope={"dbIDRecipient": CITIZEN, "dmAnnotation": ANNOTATION},
        dmFiles={"dmExtFile": [uploaded], "dmFile": [note]},
    )
    demand(answer.dmID, "CreateBigMessage answered 0000 without a dmID")
    return answer.dmID, content


def read_large(citizen, dm_id, content, out):
    record = listed(citizen, "GetListOfReceivedMessages", dm_id)
    demand(record.dmVODZ is True, f"the list does not mark message {dm_id} as large")
    message = citizen.call("BigMessageDownload", dmID=dm_id).dmReturnedMessage
    check_hash(dm_dm(citizen.raw(), "BigMessageDownload"), message.dmHash, "BigMessageDownload")
    files = [f.dmEncodedContent for f in items(message.dmDm.dmFiles, "dmFile")]
    demand(files == [content, NOTE], "the attachments of the large message came back otherwise")
    demand(citizen.call("DownloadAttachment", dmID=dm_id, attNum=0).dmFile.dmEncodedContent == content, "attachment 0")
    small = citizen.attempt("SignedMessageDownload", dmID=dm_id)
    demand(status(small)[0] == "1281", f"SignedMessageDownload of a large message answers {status(small)}")
    inline = sealed(citizen, "SignedBigMessageDownload", dm_id, out / "large.zfo")
    with citizen.accepting("multipart/related"):
        packed = sealed(citizen, "SignedBigMessageDownload", dm_id, out / "large_mtom.zfo")
        demand(b"xop:Include" in citizen.raw(), "the answer to Accept: multipart/related is not MTOM")
    demand(dm_dm(inline, "large.zfo") == dm_dm(packed, "large_mtom.zfo"), "MTOM carries another message")
    result = citizen.call("AuthenticateBigMessage", dmMessage=(out / "large.zfo").read_bytes()).dmAuthResult
    demand(result is True, f"AuthenticateBigMessage says {result}")


def authenticate(person, out):
    for name in ("received.zfo", "sent.zfo", "delivery.zfo"):
        result = person.call("AuthenticateMessage", dmMessage=(out / name).read_bytes()).dmAuthResult
        demand(result is True, f"AuthenticateMessage says {result} to the genuine {name}")
    genuine = (out / "received.zfo").read_bytes()
    text = ANNOTATION.encode()
    demand(genuine.count(text) == 1, "the annotation does not stand once, in one piece, in the sealed message")
    altered = genuine.replace(text, text.replace(b"Rozhodnut", b"rozhodnut"))
    answer = person.attempt("AuthenticateMessage", dmMessage=altered)
    code, _ = status(answer)
    result = answer.dmAuthResult
    demand((code, result) == ("0000", False) or (code != "0000" and result is None), f"an altered copy: {code}, {result}")


def refuse_a_wrong_password(published):
    answer = Person(published, "mesto01", "neni-to-ono-1A").refused("GetOwnerInfoFromLogin2", dbDummy="")
    demand(answer.status_code == 401, f"a wrong password is answered with HTTP {answer.status_code}")
    demand(answer.headers.get("WWW-Authenticate", "").startswith("Basic"), "401 comes without WWW-Authenticate: Basic")


def journey(url, out):
    def say(text):
        print(f"zeep: {text}", flush=True)

    published = Published(url)
    count = published.operations()
    demand(count == OPERATIONS, f"the published WSDLs have {count} operations instead of {OPERATIONS}")
    say(f"the published WSDLs load, {count} operations")
    office, citizen = (Person(published, login, PASSWORD) for login in ("mesto01", "novak01"))
    refuse_a_wrong_password(published)
    say("a wrong password gets 401")
    office.call("DummyOperation", None)
    look_around(office)
    say("the office finds the citizen and itself")
    dm_id = send(office)
    say(f"message {dm_id} is accepted")
    say(f"delivered to the box after {await_delivery(office, dm_id):.1f} s")
    demand(listed(office, "GetListOfSentMessages", dm_id).dmMessageStatus == 4, "the sender's list does not say 4")
    state = listed(citizen, "GetListOfReceivedMessages", dm_id).dmMessageStatus
    demand(state == 6, f"the recipient's list says {state}, not 6")
    say("the citizen's list delivers it: state 6")
    content, dm_hash = read(citizen, dm_id, out)
    say("downloaded, attachments as sent, dmHash right")
    verified = citizen.call("VerifyMessage", dmID=dm_id).dmHash
    check_hash(content, verified, "VerifyMessage")
    envelope = citizen.call("MessageEnvelopeDownload", dmID=dm_id).dmReturnedMessageEnvelope
    check_hash(content, envelope.dmHash, "MessageEnvelopeDownload")
    sent = office.call("SentMessageEnvelopeDownload", dmID=dm_id).dmReturnedMessageEnvelope
    check_hash(content, sent.dmHash, "SentMessageEnvelopeDownload")
    say("VerifyMessage and both envelopes carry the same hash")
    for person, operation, name in (
        (citizen, "SignedMessageDownload", "received.zfo"),
        (office, "SignedSentMessageDownload", "sent.zfo"),
    ):
        inner = dm_dm(sealed(person, operation, dm_id, out / name), name)
        demand(inner == content, f"the dmDm inside {name} is not the dmDm of MessageDownload, byte for byte")
    say("both sealed forms hold the same dmDm, byte for byte")
    citizen.call("MarkMessageAsDownloaded", dmID=dm_id)
    state = listed(citizen, "GetListOfReceivedMessages", dm_id).dmMessageStatus
    demand(state == 7, f"after MarkMessageAsDownloaded the list says {state}, not 7")
    say("marked as downloaded: state 7")
    delivery(citizen, dm_id, 7, dm_hash)
    delivery(office, dm_id, 6, dm_hash)
    sealed(citizen, "GetSignedDeliveryInfo", dm_id, out / "delivery.zfo")
    say("delivery info: EV0, EV5, EV11; the sender sees 6")
    changes = items(office.call("GetMessageStateChanges", dmFromTime=None, dmToTime=None).dmRecords, "dmRecord")
    states = [change.dmMessageStatus for change in changes if change.dmID == dm_id]
    demand(sorted(states) == [4, 6], f"GetMessageStateChanges reports {states}")
    say("state changes: 4, 6")
    authenticate(citizen, out)
    say("AuthenticateMessage: genuine ones yes, an altered one no")
    large, content = send_large(office)
    await_delivery(office, large)
    read_large(citizen, large, content, out)
    say(f"large message {large}: uploaded, sent, downloaded in base64 and in MTOM")


def main():
    try:
        url, out = os.environ["ISDS_URL"].rstrip("/"), pathlib.Path(os.environ["OUT"])
    except KeyError as missing:
        sys.exit(f"the environment variable {missing} is not set")
    try:
        journey(url, out)
    except Failed as failed:
        sys.exit(f"zeep: {failed}")
    except (zeep.exceptions.Error, requests.RequestException, OSError) as error:
        sys.exit(f"zeep: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
