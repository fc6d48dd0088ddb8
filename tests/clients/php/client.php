<?php
// The toolkit side of the journey: PHP's SoapClient driven by the published WSDL, and what the wire carried.

declare(strict_types=1);

const WSDLS = ['dm_operations', 'dm_info', 'dm_VoDZ', 'dm_arch', 'db_search', 'db_access', 'db_manipulations'];
const OPERATIONS = 76;

/** The server did something that it must not; the text says what. */
class Failed extends Exception
{
}

function demand(bool $condition, string $sentence): void
{
    if (!$condition) {
        throw new Failed($sentence);
    }
}

/** What PHP makes of a list: nothing, one object, or an array. */
function items(mixed $value): array
{
    return $value === null ? [] : (is_array($value) ? $value : [$value]);
}

/** One login. Operations are called by their contract names, whatever WSDL they stand in. */
class Person
{
    /** @var array<string, SoapClient> */
    private array $owners = [];
    private ?SoapClient $last = null;

    public function __construct(string $url, public readonly string $login, string $password)
    {
        foreach (WSDLS as $name) {
            $wsdl = "$url/wsdl/v20/$name.wsdl";
            $client = new SoapClient($wsdl, [
                'login' => $login,
                'password' => $password,
                'trace' => true,
                'cache_wsdl' => WSDL_CACHE_NONE,
                'connection_timeout' => 30,
                // The path is the published one; the host is ours, so that no call can leave for another.
                'location' => $url . parse_url(self::published_address($wsdl), PHP_URL_PATH),
            ]);
            foreach ($client->__getFunctions() as $signature) {
                demand(preg_match('/^\S+ ([^(]+)\(/', $signature, $match) === 1, "an odd signature: $signature");
                $this->owners[$match[1]] = $client;
            }
        }
    }

    public function operations(): int
    {
        return count($this->owners);
    }

    /** Calls, demands status 0000, answers PHP's value. */
    public function call(string $operation, array $fields = []): stdClass
    {
        $answer = $this->attempt($operation, $fields);
        [$code, $text] = status($answer);
        demand($code === '0000', "$operation as $this->login answered $code: $text");
        return $answer;
    }

    public function attempt(string $operation, array $fields = []): stdClass
    {
        $this->last = $this->owners[$operation] ?? throw new Failed("no published WSDL has the operation $operation");
        return $this->last->__soapCall($operation, [$fields]);
    }

    /** The last answer as it came, since the hash is about bytes and not about values. */
    public function raw(): string
    {
        return (string) $this->last?->__getLastResponse();
    }

    /** Status line and headers of a call that must not get as far as an operation. */
    public function refused(string $operation, array $fields = []): string
    {
        try {
            $this->attempt($operation, $fields);
        } catch (SoapFault) {
            return (string) $this->last?->__getLastResponseHeaders();
        }
        throw new Failed("$operation as $this->login was let in");
    }

    private static function published_address(string $wsdl): string
    {
        // What Debian's php-soap brings has no XML reader beside it.
        preg_match_all('/<soap(?:12)?:address location="([^"]+)"/', (string) file_get_contents($wsdl), $found);
        demand(count($found[1]) === 1, "$wsdl has " . count($found[1]) . ' addresses');
        return $found[1][0];
    }
}

/** Code and text of an answer of either family. */
function status(stdClass $answer): array
{
    $found = $answer->dmStatus ?? $answer->dbStatus ?? throw new Failed('an answer without a status');
    return [$found->dmStatusCode ?? $found->dbStatusCode, $found->dmStatusMessage ?? $found->dbStatusMessage ?? ''];
}

/** The bytes that the hash is about, from `<` of the start tag to `>` of the end tag, exactly as they came. */
function dm_dm(string $raw, string $where): string
{
    $end_tag = '</p:dmDm>';
    $one_each = substr_count($raw, '<p:dmDm ') === 1 && substr_count($raw, $end_tag) === 1;
    demand($one_each, "$where does not hold one element p:dmDm");
    $start = (int) strpos($raw, '<p:dmDm ');
    return substr($raw, $start, (int) strpos($raw, $end_tag) + strlen($end_tag) - $start);
}

function check_hash(string $content, ?stdClass $hash, string $where): void
{
    demand(($hash?->algorithm ?? null) === 'SHA-256', "$where: the hash is " . json_encode($hash?->algorithm ?? null));
    $right = hash('sha256', $content, true) === $hash->_;
    demand($right, "$where: dmHash is not the SHA-256 of the bytes of p:dmDm");
}

/** What is sealed inside a file, taken out by openssl; trust is judged elsewhere. */
function cms_content(string $path): string
{
    $inside = "$path.content";
    $command = ['openssl', 'cms', '-verify', '-noverify', '-binary', '-inform', 'DER', '-in', $path, '-out', $inside];
    exec(implode(' ', array_map(escapeshellarg(...), $command)) . ' 2>&1', $printed, $code);
    demand($code === 0, "openssl cms refuses $path: " . implode("\n", $printed));
    return (string) file_get_contents($inside);
}
