// A message's way from an office to a citizen, walked by a client that gSOAP generated from the published WSDL.
//
// Environment: ISDS_URL, for example http://127.0.0.1:8080; OUT, a folder for what openssl shall judge afterwards.
// Prints a line a step; ends with 1 and a sentence at the first thing that is not as it must be.

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "dmOperationsBinding.nsmap"
#include "soapdmOperationsBindingProxy.h"

namespace {

const std::string PASSWORD = "DemoHeslo2026";
const std::string OFFICE = "mesta2j", CITIZEN = "nvak22s";
const std::string ANNOTATION = "Oznámení o výběrovém řízení (gSOAP)";
const std::string NOTE = "Příloha: žluťoučký kůň.\n";
constexpr double DELIVERED_WITHIN = 15.0;

// The server did something that it must not; the text says what.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void demand(bool condition, const std::string& sentence) {
    if (!condition) throw Failed(sentence);
}

void say(const std::string& text) { std::cout << "gsoap: " << text << std::endl; }

// One page with one line, with a cross-reference table that is right.
std::string small_pdf() {
    const std::string stream = "BT /F1 24 Tf 72 720 Td (Oznameni) Tj ET";
    const std::string objects[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        "<< /Length " + std::to_string(stream.size()) + " >>\nstream\n" + stream + "\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    };
    std::string pdf = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", table;
    int number = 0;
    for (const auto& object : objects) {
        char line[32];
        snprintf(line, sizeof line, "%010zu 00000 n \n", pdf.size());
        table += line;
        pdf += std::to_string(++number) + " 0 obj\n" + object + "\nendobj\n";
    }
    const std::string count = std::to_string(number + 1), at = std::to_string(pdf.size());
    return pdf + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer\n<< /Size " + count +
           " /Root 1 0 R >>\nstartxref\n" + at + "\n%%EOF\n";
}

void write_file(const std::string& path, const xsd__base64Binary& bytes) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.__ptr), bytes.__size);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    demand(file.good(), path + " cannot be read");
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
}

std::string text(const xsd__base64Binary& bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.__ptr), bytes.__size);
}

// How binary content travels: within the envelope, or beside it.
enum class Form { Base64, Mtom };

// One login; its proxy keeps what the answers hold until it goes.
class Person {
  public:
    Person(std::string url, std::string login, std::string password, Form form = Form::Base64)
        : url_(std::move(url)), login_(std::move(login)), password_(std::move(password)), proxy_(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE) {
        if (form == Form::Mtom) {
            soap_set_omode(proxy_.soap, SOAP_ENC_MTOM);
            soap_set_version(proxy_.soap, 2);
            accept_ = "Accept: multipart/related";
        }
        // An answer that breaks the schema is an error, and not a value with holes.
        soap_set_imode(proxy_.soap, SOAP_XML_STRICT);
        proxy_.soap->user = this;
        receive_ = proxy_.soap->frecv;
        proxy_.soap->frecv = [](struct soap* soap, char* buffer, size_t room) {
            auto* person = static_cast<Person*>(soap->user);
            const size_t length = person->receive_(soap, buffer, room);
            person->raw_.append(buffer, length);
            return length;
        };
    }

    template <typename Request, typename Answer>
    using Method = int (dmOperationsBindingProxy::*)(const char*, const char*, Request*, Answer&);

    // Calls; what comes is a status of the contract, whichever.
    template <typename Request, typename Answer>
    int attempt(Method<Request, Answer> method, const std::string& path, Request& request, Answer& answer) {
        raw_.clear();
        // gSOAP forgets these after every call.
        proxy_.soap->http_extra_header = accept_;
        proxy_.soap->userid = login_.c_str();
        proxy_.soap->passwd = password_.c_str();
        return (proxy_.*method)((url_ + path).c_str(), "", &request, answer);
    }

    // Calls and demands status 0000.
    template <typename Request, typename Answer>
    void call(const char* name, Method<Request, Answer> method, const std::string& path, Request& request, Answer& answer) {
        if (attempt(method, path, request, answer) != SOAP_OK) {
            std::ostringstream fault;
            proxy_.soap_stream_fault(fault);
            throw Failed(std::string(name) + " as " + login_ + ": " + fault.str());
        }
        demand(code(answer) == "0000", std::string(name) + " as " + login_ + " answered " + code(answer));
    }

    xsd__base64Binary bytes(const std::string& content) {
        xsd__base64Binary made;
        made.__ptr = reinterpret_cast<unsigned char*>(const_cast<char*>(content.data()));
        made.__size = static_cast<int>(content.size());
        return made;
    }

    // The last answer as it came, since the hash is about bytes and not about values.
    const std::string& raw() const { return raw_; }
    int http_status() const { return proxy_.soap->error; }

  private:
    template <typename Answer>
    static auto code(const Answer& answer) -> decltype(answer.dmStatus->dmStatusCode) {
        return answer.dmStatus ? answer.dmStatus->dmStatusCode : "no status";
    }
    template <typename Answer>
    static auto code(const Answer& answer) -> decltype(answer.dbStatus->dbStatusCode) {
        return answer.dbStatus ? answer.dbStatus->dbStatusCode : "no status";
    }

    std::string url_, login_, password_, raw_;
    const char* accept_ = nullptr;
    size_t (*receive_)(struct soap*, char*, size_t) = nullptr;
    dmOperationsBindingProxy proxy_;
};

using Proxy = dmOperationsBindingProxy;

void look_around(Person& office) {
    ns1__tDbOwnerInfoExt21 wanted;
    std::string id = CITIZEN;
    wanted.dbID = &id;
    ns1__tFindDBInput21 request;
    request.dbOwnerInfo = &wanted;
    ns1__tFindDBOuput2 found;
    office.call<ns1__tFindDBInput21, ns1__tFindDBOuput2>("FindDataBox2", &Proxy::FindDataBox2, "/DS/df", request, found);
    demand(found.dbResults && found.dbResults->__tDbOwnersArray2_sequence.size() == 1, "FindDataBox2 did not find one box");
    const auto* box = found.dbResults->__tDbOwnersArray2_sequence[0].dbOwnerInfo;
    demand(box && box->dbID && *box->dbID == CITIZEN && box->pnLastName && *box->pnLastName == "Novák", "FindDataBox2 found another");
}

std::string send(Person& office) {
    std::string recipient = CITIZEN, annotation = ANNOTATION, pdf = small_pdf(), note = NOTE;
    auto content = {office.bytes(pdf), office.bytes(note)};
    std::vector<xsd__base64Binary> contents(content);
    ns1__tFilesArray files;
    const std::pair<const char*, const char*> heads[] = {{"application/pdf", "oznámení.pdf"}, {"text/plain", "poznámka.txt"}};
    for (size_t index = 0; index < contents.size(); ++index) {
        _ns1__tFilesArray_dmFile file;
        file.__union_tFilesArray_dmFile = SOAP_UNION__ns1__union_tFilesArray_dmFile_dmEncodedContent;
        file.union_tFilesArray_dmFile.dmEncodedContent = &contents[index];
        file.dmMimeType = heads[index].first;
        file.dmFileDescr = heads[index].second;
        file.dmFileMetaType = index == 0 ? _ns1__tFilesArray_dmFile_dmFileMetaType__main : _ns1__tFilesArray_dmFile_dmFileMetaType__enclosure;
        files.dmFile.push_back(file);
    }
    ns1__tMessageCreateInput request;
    request.dmEnvelope.dbIDRecipient = &recipient;
    request.dmEnvelope.dmAnnotation = &annotation;
    request.dmFiles = &files;
    ns1__tMessageCreateOutput answer;
    office.call<ns1__tMessageCreateInput, ns1__tMessageCreateOutput>("CreateMessage", &Proxy::CreateMessage, "/DS/dz", request, answer);
    demand(answer.dmID != nullptr, "CreateMessage answered 0000 without a dmID");
    return *answer.dmID;
}

ns1__tDelivery* delivery_info(Person& person, const std::string& id) {
    ns1__tIDMessInput request;
    request.dmID = id;
    ns1__tDeliveryMessageOutput answer;
    person.call<ns1__tIDMessInput, ns1__tDeliveryMessageOutput>("GetDeliveryInfo", &Proxy::GetDeliveryInfo, "/DS/dx", request, answer);
    demand(answer.dmDelivery != nullptr, "GetDeliveryInfo without dmDelivery");
    return answer.dmDelivery;
}

double await_delivery(Person& office, const std::string& id) {
    const auto begun = std::chrono::steady_clock::now();
    for (;;) {
        const std::string state = delivery_info(office, id)->dmMessageStatus;
        const double waited = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        if (std::stoi(state) >= 4) {
            demand(state == "4", "message " + id + " is in state " + state + " although nobody has signed in");
            return waited;
        }
        demand(waited < DELIVERED_WITHIN, "message " + id + " is still in state " + state);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

template <typename Request>
std::string listed_state(Person& person, const char* name, Person::Method<Request, ns1__tListOfMessOutput> method, const std::string& id) {
    Request request;
    std::string one = "1", thousand = "1000";
    request.dmStatusFilter = "-1";
    request.dmOffset = &one;
    request.dmLimit = &thousand;
    ns1__tListOfMessOutput answer;
    person.call<Request, ns1__tListOfMessOutput>(name, method, "/DS/dx", request, answer);
    std::string state;
    if (answer.dmRecords) {
        for (const auto& entry : answer.dmRecords->__tRecordsArray_sequence) {
            const auto* record = entry.dmRecord ? entry.dmRecord->__tRecord_sequence : nullptr;
            if (record && record->dmID == id) {
                demand(state.empty(), std::string(name) + " lists message " + id + " twice");
                state = record->dmMessageStatus;
            }
        }
    }
    demand(!state.empty(), std::string(name) + " does not list message " + id);
    return state;
}

void read_message(Person& citizen, const std::string& id, const std::string& out) {
    ns1__tIDMessInput request;
    request.dmID = id;
    ns1__tMessDownOutput answer;
    citizen.call<ns1__tIDMessInput, ns1__tMessDownOutput>("MessageDownload", &Proxy::MessageDownload, "/DS/dz", request, answer);
    const auto* message = answer.dmReturnedMessage;
    demand(message && message->dmDm.dmFiles && message->dmDm.dmFiles->dmFile.size() == 2, "MessageDownload without two files");
    const std::string sent[] = {small_pdf(), NOTE};
    for (size_t index = 0; index < 2; ++index) {
        const auto* content = message->dmDm.dmFiles->dmFile[index].union_tFilesArray_dmFile.dmEncodedContent;
        demand(content && text(*content) == sent[index], "attachment " + std::to_string(index) + " did not come back as it was sent");
    }
    demand(message->dmHash && message->dmHash->algorithm && *message->dmHash->algorithm == "SHA-256", "dmHash is not SHA-256");
    demand(message->dmQTimestamp != nullptr, "MessageDownload brings no dmQTimestamp");
    const std::string& raw = citizen.raw();
    const std::string end_tag = "</p:dmDm>";
    const auto start = raw.find("<p:dmDm "), end = raw.find(end_tag);
    demand(start != std::string::npos && end != std::string::npos && raw.rfind("<p:dmDm ") == start, "not one element p:dmDm");
    std::ofstream(out + "/dmDm.bin", std::ios::binary) << raw.substr(start, end + end_tag.size() - start);
    write_file(out + "/dmQTimestamp.tst", *message->dmQTimestamp);
}

template <typename Answer>
void sealed(Person& person, const char* name, Person::Method<ns1__tIDMessInput, Answer> method, const std::string& path, const std::string& id,
            const std::string& file) {
    ns1__tIDMessInput request;
    request.dmID = id;
    Answer answer;
    person.call<ns1__tIDMessInput, Answer>(name, method, path, request, answer);
    demand(answer.dmSignature != nullptr, std::string(name) + " without dmSignature");
    write_file(file, *answer.dmSignature);
}

bool authentic(Person& person, const std::string& content) {
    ns1__tAuthenticateMessageInput request;
    request.dmMessage = person.bytes(content);
    ns1__tAuthenticateMessageOutput answer;
    person.call<ns1__tAuthenticateMessageInput, ns1__tAuthenticateMessageOutput>("AuthenticateMessage", &Proxy::AuthenticateMessage, "/DS/dz",
                                                                               request, answer);
    return answer.dmAuthResult && *answer.dmAuthResult;
}

void refuse_a_wrong_password(const std::string& url) {
    Person stranger(url, "mesto01", "neni-to-ono-1A");
    ns1__tIDMessInput request;
    request.dmID = "1";
    ns1__tDeliveryMessageOutput answer;
    stranger.attempt<ns1__tIDMessInput, ns1__tDeliveryMessageOutput>(&Proxy::GetDeliveryInfo, "/DS/dx", request, answer);
    demand(stranger.http_status() == 401, "a wrong password is answered with " + std::to_string(stranger.http_status()));
}

// Nineteen million bytes of a text file, enough for a large message.
std::string large_text() {
    std::string text;
    char line[64];
    for (int number = 0; text.size() < 19000000; ++number) {
        snprintf(line, sizeof line, "Příloha velkokapacitní zprávy, řádek %08d.\n", number);
        text += line;
    }
    return text;
}

std::string send_large(Person& office, const std::string& content) {
    _ns1__UploadAttachment upload;
    upload.dmFile.dmMimeType = "text/plain";
    upload.dmFile.dmFileDescr = "velká.txt";
    upload.dmFile.dmEncodedContent = office.bytes(content);
    // What has a type goes beside the envelope, as a part of its own.
    upload.dmFile.dmEncodedContent.type = const_cast<char*>("text/plain");
    upload.dmFile.dmEncodedContent.id = const_cast<char*>("cid:attachment");
    _ns1__UploadAttachmentResponse uploaded;
    office.call<_ns1__UploadAttachment, _ns1__UploadAttachmentResponse>("UploadAttachment", &Proxy::UploadAttachment, "/DS/vodz", upload,
                                                                        uploaded);
    demand(uploaded.dmAttID && uploaded.dmAttHash1 && uploaded.dmAttHash2, "UploadAttachment without identifier or hashes");
    _ns1__tBigMessageInput_dmFiles_dmExtFile file;
    file.dmFileMetaType = "main";
    file.dmAttID = *uploaded.dmAttID;
    file.dmAttHash1 = uploaded.dmAttHash1->__item;
    file.dmAttHash1Alg = *uploaded.dmAttHash1->AttHashAlg;
    file.dmAttHash2 = uploaded.dmAttHash2->__item;
    file.dmAttHash2Alg = *uploaded.dmAttHash2->AttHashAlg;
    std::string recipient = CITIZEN, annotation = ANNOTATION;
    ns1__tBigMessEnvelope envelope;
    envelope.dbIDRecipient = &recipient;
    envelope.dmAnnotation = &annotation;
    ns1__tBigMessageInput message;
    message.dmEnvelope = &envelope;
    message.dmFiles.dmExtFile.push_back(file);
    ns1__tBigMessageOutput answer;
    office.call<ns1__tBigMessageInput, ns1__tBigMessageOutput>("CreateBigMessage", &Proxy::CreateBigMessage, "/DS/vodz", message, answer);
    demand(answer.dmID != nullptr, "CreateBigMessage answered 0000 without a dmID");
    return *answer.dmID;
}

void read_large(Person& citizen, const std::string& id, const std::string& content, const std::string& out) {
    _ns1__DownloadAttachment request;
    request.dmID = id;
    request.attNum = "0";
    _ns1__DownloadAttachmentResponse answer;
    citizen.call<_ns1__DownloadAttachment, _ns1__DownloadAttachmentResponse>("DownloadAttachment", &Proxy::DownloadAttachment, "/DS/vodz",
                                                                             request, answer);
    demand(answer.dmFile && text(answer.dmFile->dmEncodedContent) == content, "the large attachment came back otherwise");
    demand(citizen.raw().find("xop:Include") != std::string::npos, "the answer to Accept: multipart/related is not MTOM");
    _ns1__SignedBigMessageDownload sealed_request;
    sealed_request.dmID = id;
    _ns1__SignedBigMessageDownloadResponse sealed_answer;
    citizen.call<_ns1__SignedBigMessageDownload, _ns1__SignedBigMessageDownloadResponse>(
        "SignedBigMessageDownload", &Proxy::SignedBigMessageDownload, "/DS/vodz", sealed_request, sealed_answer);
    demand(sealed_answer.dmSignature != nullptr, "SignedBigMessageDownload without dmSignature");
    write_file(out + "/large.zfo", *sealed_answer.dmSignature);
}

void journey(const std::string& url, const std::string& out) {
    refuse_a_wrong_password(url);
    say("a wrong password gets 401");
    Person office(url, "mesto01", PASSWORD), citizen(url, "novak01", PASSWORD);
    look_around(office);
    say("the office finds the citizen");
    const std::string id = send(office);
    say("message " + id + " is accepted");
    await_delivery(office, id);
    say("delivered to the box");
    demand(listed_state<ns1__tListOfSentInput>(office, "GetListOfSentMessages", &Proxy::GetListOfSentMessages, id) == "4",
           "the sender's list does not say 4");
    demand(listed_state<ns1__tListOfFReceivedInput>(citizen, "GetListOfReceivedMessages", &Proxy::GetListOfReceivedMessages, id) == "6",
           "the recipient's list does not say 6");
    say("the citizen's list delivers it: state 6");
    read_message(citizen, id, out);
    say("downloaded, attachments as sent");
    sealed<ns1__tSignedMessDownOutput>(citizen, "SignedMessageDownload", &Proxy::SignedMessageDownload, "/DS/dz", id, out + "/received.zfo");
    sealed<ns1__tSignedMessDownOutput>(office, "SignedSentMessageDownload", &Proxy::SignedSentMessageDownload, "/DS/dz", id, out + "/sent.zfo");
    sealed<ns1__tSignDelivMessOutput>(citizen, "GetSignedDeliveryInfo", &Proxy::GetSignedDeliveryInfo, "/DS/dx", id, out + "/delivery.zfo");
    const auto events = delivery_info(office, id)->dmEvents;
    demand(events && events->__tEventsArray_sequence.size() == 3, "GetDeliveryInfo has not three events");
    say("both sealed forms and the delivery info are here");
    for (const char* name : {"/received.zfo", "/sent.zfo", "/delivery.zfo"}) {
        demand(authentic(office, read_file(out + name)), std::string("AuthenticateMessage says no to the genuine ") + name);
    }
    std::string altered = read_file(out + "/received.zfo");
    const auto at = altered.find(ANNOTATION);
    demand(at != std::string::npos, "the annotation does not stand in one piece in the sealed message");
    altered[at] ^= 0x20;
    demand(!authentic(office, altered), "AuthenticateMessage says yes to an altered copy");
    say("AuthenticateMessage: genuine ones yes, an altered one no");
    // Large messages go in MTOM, which is SOAP 1.2.
    Person sender(url, "mesto01", PASSWORD, Form::Mtom), reader(url, "novak01", PASSWORD, Form::Mtom);
    const std::string content = large_text(), large = send_large(sender, content);
    await_delivery(office, large);
    listed_state<ns1__tListOfFReceivedInput>(citizen, "GetListOfReceivedMessages", &Proxy::GetListOfReceivedMessages, large);
    read_large(reader, large, content, out);
    say("large message " + large + ": uploaded, sent and downloaded in MTOM");
}

}  // namespace

int main() {
    const char *url = std::getenv("ISDS_URL"), *out = std::getenv("OUT");
    if (!url || !out) {
        std::cerr << "the environment variables ISDS_URL and OUT have to be set" << std::endl;
        return 1;
    }
    try {
        journey(url, out);
    } catch (const Failed& failed) {
        std::cerr << "gsoap: " << failed.what() << std::endl;
        return 1;
    }
    return 0;
}
