#!/usr/bin/env bash
# certificates.sh FOLDER - make certificates to test with, fresh each time: an authority of our own, and what it signs.
#
#   ca.pem                the authority            other-ca.pem          one that signed nothing here
#   server.pem            for localhost, 127.0.0.1 and ::1
#   expired.pem           the same, until yesterday
#   future.pem            the same, from tomorrow
#   elsewhere.pem         for elsewhere.test
#   client.pem            a client's
#
# Each .pem holds the certificate and its key.
set -euo pipefail
mkdir -p "$1"
cd "$1"

key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

# authority NAME CN
authority()
{
    openssl req -x509 "${key[@]}" -keyout "$1.key" -out "$1.pem" -subj "/CN=$2" -days 30 \
        -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign
}

# signed NAME CN SAN FROM UNTIL   times as `date -d` reads them
signed()
{
    openssl req "${key[@]}" -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" -addext "subjectAltName=$3"
    openssl ca -batch -notext -config ca.cnf -in "$1.csr" -out "$1.crt" \
        -startdate "$(date -u -d "$4" +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$5" +%Y%m%d%H%M%SZ)"
    cat "$1.crt" "$1.key" >"$1.pem"
    rm "$1.crt" "$1.csr"
}

cat >ca.cnf <<'CONFIG'
[ca]
default_ca = own
[own]
certificate = ca.pem
private_key = ca.key
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
CONFIG
: >index

make_all()
{
    local here=DNS:localhost,IP:127.0.0.1,IP:::1
    authority ca 'wsproof test authority'
    authority other-ca 'another authority'
    signed server localhost "$here" '-1 day' '+30 days'
    signed expired localhost "$here" '-9 days' '-1 day'
    signed future localhost "$here" '+1 day' '+30 days'
    signed elsewhere elsewhere.test DNS:elsewhere.test '-1 day' '+30 days'
    signed client 'a client' DNS:client.test '-1 day' '+30 days'
}

make_all >log 2>&1 || { cat log >&2; exit 1; }
rm -f ca.cnf index* [0-9A-F]*.pem log
