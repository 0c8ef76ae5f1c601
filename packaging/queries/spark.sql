-- A fleet in Spark: what `debar fleet export --parquet tables` wrote. Run beside the folder: spark-sql -f spark.sql
CREATE OR REPLACE TEMPORARY VIEW hosts USING parquet OPTIONS (path 'tables/hosts');
CREATE OR REPLACE TEMPORARY VIEW findings USING parquet OPTIONS (path 'tables/findings');

-- Hosts by status.
SELECT standing, count(*) AS hosts FROM hosts GROUP BY standing ORDER BY hosts DESC;

-- Products that are there, by state.
SELECT name, state, count(DISTINCT host) AS hosts FROM findings WHERE gone IS NULL GROUP BY name, state ORDER BY hosts DESC, name;

-- What each rule forbids on how many hosts.
SELECT rule, count(DISTINCT host) AS hosts
FROM (SELECT host, explode(split(rules, ' ')) AS rule FROM findings WHERE gone IS NULL) WHERE rule <> ''
GROUP BY rule ORDER BY hosts DESC, rule;

-- The work list: the oldest findings first.
SELECT f.host, f.name, f.state, f.status, f.first_seen, h.last_report, h.owner, h.site
FROM findings AS f JOIN hosts AS h ON f.host = h.host WHERE f.gone IS NULL ORDER BY f.first_seen, f.host LIMIT 1000;

-- Hosts whose report nothing vouches for.
SELECT site, count(*) AS hosts FROM hosts WHERE trust = 'unauthenticated' GROUP BY site ORDER BY hosts DESC;
