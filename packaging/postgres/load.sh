#!/bin/sh
# Loads an export of a fleet into PostgreSQL: load.sh FOLDER [psql options and database]. FOLDER is what
# `debar fleet export --csv FOLDER` wrote. One transaction: readers see the old picture or the new one, never a part.
set -eu
[ $# -ge 1 ] || { echo "usage: load.sh FOLDER [psql options]" >&2; exit 2; }
folder=$1
shift
[ -d "$folder/hosts" ] || { echo "load.sh: no $folder/hosts: name a folder of 'debar fleet export --csv'" >&2; exit 2; }
# The rows of every file of a table below one header.
rows() {
  find "$folder/$1" -name '*.csv' 2>/dev/null | LC_ALL=C sort | {
    first=1
    while IFS= read -r file; do
      if [ "$first" = 1 ]; then cat "$file"; else tail -n +2 "$file"; fi
      first=0
    done
  }
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rows hosts >"$scratch/hosts.csv"
rows findings >"$scratch/findings.csv"
[ -s "$scratch/findings.csv" ] || echo host,product,name,vendor,state,status,first_seen,last_seen,gone,reappeared,rules,site >"$scratch/findings.csv"
# What `debar` put before a cell that a spreadsheet would take for a formula is taken off again.
cat >"$scratch/load.sql" <<SQL
BEGIN;
CREATE TEMP TABLE h (host text, standing text, state text, products text, first_report text, last_report text, reports text,
  os text, domain text, site text, owner text, machine_id text, debar text, signatures text, gaps text, notes text, also_here text,
  possible text, skipped text, trust text) ON COMMIT DROP;
CREATE TEMP TABLE f (host text, product text, name text, vendor text, state text, status text, first_seen text, last_seen text,
  gone text, reappeared text, rules text, site text) ON COMMIT DROP;
CREATE FUNCTION pg_temp.plain(cell text) RETURNS text LANGUAGE sql IMMUTABLE AS
  \$\$ SELECT regexp_replace(cell, '^''(?=\\s*[=+@|%＝＋－＠−-])', '') \$\$;
\\copy h FROM '$scratch/hosts.csv' WITH (FORMAT csv, HEADER true)
\\copy f FROM '$scratch/findings.csv' WITH (FORMAT csv, HEADER true)
TRUNCATE debar.hosts, debar.findings;
INSERT INTO debar.hosts (host, standing, state, products, first_report, last_report, reports, os, domain, site, owner, machine_id,
  debar, signatures, gaps, notes, also_here, possible, skipped, trust) SELECT pg_temp.plain(host), standing, nullif(state, ''), string_to_array(coalesce(products, ''), ' '),
  nullif(first_report, '')::timestamptz, nullif(last_report, '')::timestamptz, nullif(reports, '')::bigint, pg_temp.plain(os),
  pg_temp.plain(domain), pg_temp.plain(site), pg_temp.plain(owner), nullif(machine_id, ''), debar, signatures,
  string_to_array(coalesce(gaps, ''), ' '), notes, string_to_array(coalesce(also_here, ''), ' '),
  string_to_array(coalesce(possible, ''), ' '), pg_temp.plain(skipped), nullif(trust, '') FROM h ON CONFLICT (host) DO NOTHING;
INSERT INTO debar.findings SELECT pg_temp.plain(host), product, name, vendor, state, status, nullif(first_seen, '')::timestamptz,
  nullif(last_seen, '')::timestamptz, nullif(gone, '')::timestamptz, coalesce(nullif(reappeared, ''), '0')::integer,
  string_to_array(coalesce(rules, ''), ' '), pg_temp.plain(site) FROM f ON CONFLICT (host, product) DO NOTHING;
INSERT INTO debar.days SELECT current_date, standing, count(*) FROM debar.hosts GROUP BY standing
  ON CONFLICT (day, standing) DO UPDATE SET hosts = excluded.hosts;
COMMIT;
ANALYZE debar.hosts;
ANALYZE debar.findings;
SQL
psql -q -v ON_ERROR_STOP=1 "$@" -f "$scratch/load.sql"
