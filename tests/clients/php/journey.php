<?php
// A message's way from an office to a citizen, walked by PHP's SoapClient.
//
// Environment: ISDS_URL, for example http://127.0.0.1:8080; OUT, a folder for what openssl shall judge afterwards.
// Prints a line a step; ends with 1 and a sentence at the first thing that is not as it must be.

declare(strict_types=1);

require __DIR__ . '/client.php';

const PASSWORD = 'DemoHeslo2026';
const OFFICE = 'mesta2j';
const CITIZEN = 'nvak22s';
const ANNOTATION = 'Usnesení o zahájení řízení (PHP)';
const NOTE = "Příloha: žluťoučký kůň.\n";
const DELIVERED_WITHIN = 15.0;

/** One page with one line, with a cross-reference table that is right. */
function small_pdf(): string
{
    $stream = 'BT /F1 24 Tf 72 720 Td (Usneseni) Tj ET';
    $objects = [
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
        '<< /Length ' . strlen($stream) . " >>\nstream\n$stream\nendstream",
        '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ];
    $pdf = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n";
    $table = '';
    foreach ($objects as $index => $object) {
        $table .= sprintf("%010d 00000 n \n", strlen($pdf));
        $pdf .= ($index + 1) . " 0 obj\n$object\nendobj\n";
    }
    $count = count($objects) + 1;
    $at = strlen($pdf);
    return "{$pdf}xref\n0 $count\n0000000000 65535 f \n{$table}trailer\n<< /Size $count /Root 1 0 R >>\nstartxref\n$at\n%%EOF\n";
}

function files(): array
{
    return [
        ['dmMimeType' => 'application/pdf', 'dmFileMetaType' => 'main', 'dmFileDescr' => 'usnesení.pdf', 'dmEncodedContent' => small_pdf()],
        ['dmMimeType' => 'text/plain', 'dmFileMetaType' => 'enclosure', 'dmFileDescr' => 'poznámka.txt', 'dmEncodedContent' => NOTE],
    ];
}

/** An envelope with every element that the schema lists: SoapClient refuses to leave one out. */
function envelope(string $annotation, ?string $recipient): array
{
    $names = [
        'dmSenderOrgUnit', 'dmSenderOrgUnitNum', 'dbIDRecipient', 'dmRecipientOrgUnit', 'dmRecipientOrgUnitNum', 'dmToHands',
        'dmAnnotation', 'dmRecipientRefNumber', 'dmSenderRefNumber', 'dmRecipientIdent', 'dmSenderIdent', 'dmLegalTitleLaw',
        'dmLegalTitleYear', 'dmLegalTitleSect', 'dmLegalTitlePar', 'dmLegalTitlePoint', 'dmPersonalDelivery', 'dmAllowSubstDelivery',
    ];
    $given = ['dbIDRecipient' => $recipient, 'dmAnnotation' => $annotation, 'dmSenderRefNumber' => 'MV-3/2026', 'dmAllowSubstDelivery' => true];
    return $given + array_fill_keys($names, null);
}

function look_around(Person $office): void
{
    $owner_fields = [
        'dbID', 'aifoIsds', 'dbType', 'ic', 'pnGivenNames', 'pnLastName', 'firmName', 'biDate', 'biCity', 'biCounty', 'biState', 'adCode',
        'adCity', 'adDistrict', 'adStreet', 'adNumberInStreet', 'adNumberInMunicipality', 'adZipCode', 'adState', 'nationality', 'dbIdOVM',
        'dbState', 'dbOpenAddressing', 'dbUpperID',
    ];
    $wanted = ['dbID' => CITIZEN] + array_fill_keys($owner_fields, null);
    $found = items($office->call('FindDataBox2', ['dbOwnerInfo' => $wanted])->dbResults->dbOwnerInfo ?? null);
    demand(count($found) === 1 && $found[0]->dbID === CITIZEN, 'FindDataBox2 found ' . count($found) . ' boxes, or another');
    demand($found[0]->dbType === 'FO' && $found[0]->pnLastName === 'Novák', 'FindDataBox2 describes somebody else');
    demand($office->call('CheckDataBox', ['dbID' => CITIZEN])->dbState === 1, CITIZEN . ' is not accessible');
    $owner = $office->call('GetOwnerInfoFromLogin2', ['dbDummy' => ''])->dbOwnerInfo;
    demand($owner->dbID === OFFICE && $owner->dbType === 'OVM', "GetOwnerInfoFromLogin2 says $owner->dbID, $owner->dbType");
}

function await_delivery(Person $office, string $dm_id): float
{
    $begun = microtime(true);
    while (true) {
        $state = $office->call('GetDeliveryInfo', ['dmID' => $dm_id])->dmDelivery->dmMessageStatus;
        $waited = microtime(true) - $begun;
        if ($state >= 4) {
            demand($state === 4, "message $dm_id is in state $state although nobody has signed in");
            return $waited;
        }
        demand($waited < DELIVERED_WITHIN, "message $dm_id is still in state $state after " . DELIVERED_WITHIN . ' s');
        usleep(100_000);
    }
}

function listed_state(Person $person, string $operation, string $dm_id): int
{
    $unit = str_contains($operation, 'Received') ? 'dmRecipientOrgUnitNum' : 'dmSenderOrgUnitNum';
    $fields = ['dmFromTime' => null, 'dmToTime' => null, $unit => null, 'dmStatusFilter' => '-1', 'dmOffset' => 1, 'dmLimit' => 1000];
    $records = items($person->call($operation, $fields)->dmRecords->dmRecord ?? null);
    $mine = array_values(array_filter($records, fn ($record) => $record->dmID === $dm_id));
    demand(count($mine) === 1, "$operation as $person->login lists message $dm_id " . count($mine) . ' times');
    return $mine[0]->dmMessageStatus;
}

function read_message(Person $citizen, string $dm_id, string $out): string
{
    $message = $citizen->call('MessageDownload', ['dmID' => $dm_id])->dmReturnedMessage;
    $content = dm_dm($citizen->raw(), 'MessageDownload');
    check_hash($content, $message->dmHash, 'MessageDownload');
    foreach (items($message->dmDm->dmFiles->dmFile) as $index => $file) {
        foreach (files()[$index] as $name => $value) {
            demand($file->$name === $value, "$name of attachment $index did not come back as it was sent");
        }
    }
    demand(count(items($message->dmDm->dmFiles->dmFile)) === count(files()), 'the number of attachments changed');
    file_put_contents("$out/dmDm.bin", $content);
    file_put_contents("$out/dmQTimestamp.tst", $message->dmQTimestamp);
    return $content;
}

function sealed(Person $person, string $operation, string $dm_id, string $path): string
{
    file_put_contents($path, $person->call($operation, ['dmID' => $dm_id])->dmSignature);
    return cms_content($path);
}

function delivery(Person $person, string $dm_id, int $state, string $content): void
{
    $info = $person->call('GetDeliveryInfo', ['dmID' => $dm_id])->dmDelivery;
    demand($info->dmMessageStatus === $state, "GetDeliveryInfo as $person->login: state $info->dmMessageStatus, not $state");
    $events = array_map(fn ($event) => strstr($event->dmEventDescr, ':', true), items($info->dmEvents->dmEvent));
    demand($events === ['EV0', 'EV5', 'EV11'], "GetDeliveryInfo as $person->login: events " . implode(', ', $events));
    check_hash($content, $info->dmHash, 'GetDeliveryInfo');
}

function authenticate(Person $person, string $out): void
{
    foreach (['received.zfo', 'sent.zfo', 'delivery.zfo'] as $name) {
        $answer = $person->call('AuthenticateMessage', ['dmMessage' => file_get_contents("$out/$name")]);
        demand($answer->dmAuthResult === true, "AuthenticateMessage does not say yes to the genuine $name");
    }
    $altered = str_replace('Usnesen', 'usnesen', (string) file_get_contents("$out/received.zfo"), $times);
    demand($times > 0, 'the annotation does not stand in one piece in the sealed message');
    $answer = $person->attempt('AuthenticateMessage', ['dmMessage' => $altered]);
    $result = $answer->dmAuthResult ?? null;
    [$code] = status($answer);
    demand($code === '0000' ? $result === false : $result === null, "an altered copy: $code");
}

/** Nineteen million bytes of a text file, enough for a large message. */
function large_text(): string
{
    $text = '';
    for ($number = 0; strlen($text) < 19_000_000; $number++) {
        $text .= sprintf("Příloha velkokapacitní zprávy, řádek %08d.\n", $number);
    }
    return $text;
}

function send_large(Person $office, string $content): string
{
    $file = ['dmMimeType' => 'text/plain', 'dmFileDescr' => 'velká.txt', 'dmEncodedContent' => $content];
    $upload = $office->call('UploadAttachment', ['dmFile' => $file]);
    demand(strtolower($upload->dmAttHash1->_) === hash('sha256', $content), 'UploadAttachment answers another SHA-256');
    demand(strtolower($upload->dmAttHash2->_) === hash('sha3-256', $content), 'UploadAttachment answers another SHA3-256');
    $uploaded = [
        'dmFileMetaType' => 'main',
        'dmAttID' => $upload->dmAttID,
        'dmAttHash1' => $upload->dmAttHash1->_,
        'dmAttHash1Alg' => $upload->dmAttHash1->AttHashAlg,
        'dmAttHash2' => $upload->dmAttHash2->_,
        'dmAttHash2Alg' => $upload->dmAttHash2->AttHashAlg,
    ];
    $message = ['dmEnvelope' => envelope(ANNOTATION, CITIZEN), 'dmFiles' => ['dmExtFile' => [$uploaded]]];
    return $office->call('CreateBigMessage', $message)->dmID;
}

function read_large(Person $citizen, string $dm_id, string $content, string $out): void
{
    listed_state($citizen, 'GetListOfReceivedMessages', $dm_id);
    $message = $citizen->call('BigMessageDownload', ['dmID' => $dm_id])->dmReturnedMessage;
    check_hash(dm_dm($citizen->raw(), 'BigMessageDownload'), $message->dmHash, 'BigMessageDownload');
    demand(items($message->dmDm->dmFiles->dmFile)[0]->dmEncodedContent === $content, 'the large attachment came back otherwise');
    sealed($citizen, 'SignedBigMessageDownload', $dm_id, "$out/large.zfo");
    $answer = $citizen->call('AuthenticateBigMessage', ['dmMessage' => file_get_contents("$out/large.zfo")]);
    demand($answer->dmAuthResult === true, 'AuthenticateBigMessage does not say yes');
}

function journey(string $url, string $out): void
{
    $say = fn (string $text) => print("php: $text\n");
    $office = new Person($url, 'mesto01', PASSWORD);
    $citizen = new Person($url, 'novak01', PASSWORD);
    demand($office->operations() === OPERATIONS, "the published WSDLs have {$office->operations()} operations, not " . OPERATIONS);
    $say("the published WSDLs load, {$office->operations()} operations");
    $headers = (new Person($url, 'mesto01', 'neni-to-ono-1A'))->refused('GetOwnerInfoFromLogin2', ['dbDummy' => '']);
    demand(str_contains($headers, ' 401 ') && stripos($headers, 'WWW-Authenticate: Basic') !== false, "a wrong password: $headers");
    $say('a wrong password gets 401');
    look_around($office);
    $say('the office finds the citizen and itself');
    $message = ['dmEnvelope' => envelope(ANNOTATION, CITIZEN), 'dmFiles' => ['dmFile' => files()]];
    $dm_id = $office->call('CreateMessage', $message)->dmID;
    $say("message $dm_id is accepted");
    $say(sprintf('delivered to the box after %.1f s', await_delivery($office, $dm_id)));
    demand(listed_state($office, 'GetListOfSentMessages', $dm_id) === 4, "the sender's list does not say 4");
    demand(listed_state($citizen, 'GetListOfReceivedMessages', $dm_id) === 6, "the recipient's list does not say 6");
    $say("the citizen's list delivers it: state 6");
    $content = read_message($citizen, $dm_id, $out);
    $say('downloaded, attachments as sent, dmHash right');
    check_hash($content, $citizen->call('VerifyMessage', ['dmID' => $dm_id])->dmHash, 'VerifyMessage');
    foreach ([[$citizen, 'SignedMessageDownload', 'received.zfo'], [$office, 'SignedSentMessageDownload', 'sent.zfo']] as [$person, $operation, $name]) {
        $inner = dm_dm(sealed($person, $operation, $dm_id, "$out/$name"), $name);
        demand($inner === $content, "the dmDm inside $name is not the dmDm of MessageDownload, byte for byte");
    }
    $say('both sealed forms hold the same dmDm, byte for byte');
    $citizen->call('MarkMessageAsDownloaded', ['dmID' => $dm_id]);
    demand(listed_state($citizen, 'GetListOfReceivedMessages', $dm_id) === 7, 'after MarkMessageAsDownloaded the list does not say 7');
    delivery($citizen, $dm_id, 7, $content);
    delivery($office, $dm_id, 6, $content);
    sealed($citizen, 'GetSignedDeliveryInfo', $dm_id, "$out/delivery.zfo");
    $say('delivery info: EV0, EV5, EV11; the sender sees 6');
    authenticate($citizen, $out);
    $say('AuthenticateMessage: genuine ones yes, an altered one no');
    $attachment = large_text();
    $large = send_large($office, $attachment);
    await_delivery($office, $large);
    read_large($citizen, $large, $attachment, $out);
    $say("large message $large: uploaded, sent, downloaded");
}

[$url, $out] = [getenv('ISDS_URL'), getenv('OUT')];
if ($url === false || $out === false) {
    fwrite(STDERR, "the environment variables ISDS_URL and OUT have to be set\n");
    exit(1);
}
try {
    journey(rtrim($url, '/'), $out);
} catch (Failed | SoapFault $failed) {
    fwrite(STDERR, "php: {$failed->getMessage()}\n");
    exit(1);
}
