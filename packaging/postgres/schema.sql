-- A fleet in PostgreSQL: tables for what `debar fleet export` writes, views for people and dashboards, a role for readers.
-- psql -v ON_ERROR_STOP=1 -f schema.sql DATABASE; safe to run again.
BEGIN;
CREATE SCHEMA IF NOT EXISTS debar;

-- A row for each host, as of the newest load.
CREATE TABLE IF NOT EXISTS debar.hosts (
    host text PRIMARY KEY,
    standing text NOT NULL,
    state text,
    products text[] NOT NULL DEFAULT '{}',
    first_report timestamptz,
    last_report timestamptz,
    reports bigint,
    os text,
    domain text,
    site text,
    owner text,
    machine_id text,
    debar text,
    signatures text,
    gaps text[] NOT NULL DEFAULT '{}',
    notes text
);
-- Columns of later versions.
ALTER TABLE debar.hosts ADD COLUMN IF NOT EXISTS also_here text[] NOT NULL DEFAULT '{}';
ALTER TABLE debar.hosts ADD COLUMN IF NOT EXISTS possible text[] NOT NULL DEFAULT '{}';
ALTER TABLE debar.hosts ADD COLUMN IF NOT EXISTS skipped text;
-- certificate or unauthenticated: what vouches for the newest report.
ALTER TABLE debar.hosts ADD COLUMN IF NOT EXISTS trust text;
-- A row for each product that a host has or had.
CREATE TABLE IF NOT EXISTS debar.findings (
    host text NOT NULL,
    product text NOT NULL,
    name text,
    vendor text,
    state text NOT NULL,
    status text NOT NULL,
    first_seen timestamptz,
    last_seen timestamptz,
    gone timestamptz,
    reappeared integer NOT NULL DEFAULT 0,
    rules text[] NOT NULL DEFAULT '{}',
    site text,
    PRIMARY KEY (host, product)
);
-- How the fleet stood after each load: the trend.
CREATE TABLE IF NOT EXISTS debar.days (
    day date NOT NULL,
    standing text NOT NULL,
    hosts bigint NOT NULL,
    PRIMARY KEY (day, standing)
);
CREATE INDEX IF NOT EXISTS hosts_standing ON debar.hosts (standing, last_report);
CREATE INDEX IF NOT EXISTS hosts_site ON debar.hosts (site, standing);
CREATE INDEX IF NOT EXISTS findings_product ON debar.findings (product, state) WHERE gone IS NULL;
CREATE INDEX IF NOT EXISTS findings_first ON debar.findings (first_seen);
CREATE INDEX IF NOT EXISTS findings_gone ON debar.findings (gone) WHERE gone IS NOT NULL;
CREATE INDEX IF NOT EXISTS findings_rules ON debar.findings USING gin (rules) WHERE gone IS NULL;

-- How many hosts stand how.
CREATE OR REPLACE VIEW debar.status AS
SELECT standing, count(*) AS hosts FROM debar.hosts GROUP BY standing;

-- Where each product is.
CREATE OR REPLACE VIEW debar.products AS
SELECT product, min(name) AS name, min(vendor) AS vendor,
    count(*) FILTER (WHERE state = 'running') AS running,
    count(*) FILTER (WHERE state IN ('installed', 'disabled', 'embedded', 'installer')) AS installed,
    count(*) FILTER (WHERE state = 'remnant') AS leftover,
    count(*) AS hosts
FROM debar.findings WHERE gone IS NULL GROUP BY product;

-- What there is to do, the newest findings first.
CREATE OR REPLACE VIEW debar.worklist AS
SELECT f.host, f.product, f.name, f.state, f.status, f.first_seen, h.last_report, h.site, h.owner
FROM debar.findings f JOIN debar.hosts h USING (host) WHERE f.gone IS NULL;

-- Hosts that do not answer for themselves: never reported, silent, or not read fully.
CREATE OR REPLACE VIEW debar.unknown AS
SELECT host, standing, last_report, gaps, site, owner FROM debar.hosts
WHERE standing IN ('never_reported', 'stale', 'incomplete');

-- What each rule forbids on how many hosts.
CREATE OR REPLACE VIEW debar.rules AS
SELECT rule, count(DISTINCT host) AS hosts
FROM debar.findings, unnest(rules) AS rule WHERE gone IS NULL GROUP BY rule;

CREATE OR REPLACE VIEW debar.sites AS
SELECT coalesce(nullif(site, ''), 'unknown') AS site, standing, count(*) AS hosts
FROM debar.hosts GROUP BY 1, 2;

-- Readers see everything and change nothing; give them the role: GRANT debar_reader TO grafana.
DO $$ BEGIN
    CREATE ROLE debar_reader NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
GRANT USAGE ON SCHEMA debar TO debar_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA debar TO debar_reader;
COMMIT;
