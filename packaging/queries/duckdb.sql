-- A fleet in DuckDB: what `debar fleet export --parquet tables` wrote. Run beside the folder: duckdb < duckdb.sql
CREATE OR REPLACE VIEW hosts AS SELECT * FROM read_parquet('tables/hosts/*/*.parquet', hive_partitioning = true);
CREATE OR REPLACE VIEW findings AS SELECT * FROM read_parquet('tables/findings/*/*.parquet', hive_partitioning = true);

-- Hosts by status.
SELECT standing, count(*) AS hosts FROM hosts GROUP BY standing ORDER BY hosts DESC;

-- Products that are there, by state.
SELECT name, state, count(DISTINCT host) AS hosts FROM findings WHERE gone IS NULL GROUP BY ALL ORDER BY hosts DESC, name;

-- What each rule forbids on how many hosts.
SELECT rule, count(DISTINCT host) AS hosts
FROM (SELECT host, unnest(string_split(rules, ' ')) AS rule FROM findings WHERE gone IS NULL) WHERE rule <> ''
GROUP BY rule ORDER BY hosts DESC, rule;

-- The work list: the oldest findings first.
SELECT f.host, f.name, f.state, f.status, f.first_seen, h.last_report, h.owner, h.site
FROM findings f JOIN hosts h USING (host) WHERE f.gone IS NULL ORDER BY f.first_seen, f.host LIMIT 1000;

-- Hosts whose report nothing vouches for.
SELECT site, count(*) AS hosts FROM hosts WHERE trust = 'unauthenticated' GROUP BY site ORDER BY hosts DESC;
