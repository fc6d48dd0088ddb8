-- Certificates with which applications call in the name of a box: found by the SHA-256 of their DER form at every call
-- below /cert. expires is real time.
CREATE TABLE system_certificates (
    fingerprint BYTEA NOT NULL PRIMARY KEY,
    box_id TEXT COLLATE "C" NOT NULL REFERENCES boxes (box_id),
    expires BIGINT NOT NULL
);
-- Certificates of a box.
CREATE INDEX system_certificates_box ON system_certificates (box_id);
