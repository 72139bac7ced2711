# Which airlines make up for a late start? DuckDB joins 336,776 flights with airlines and planes where the files lie.
import duckdb

duckdb.sql("""
    SELECT a.name                                             AS airline,
           count(*)                                           AS flights,
           round(avg(f.dep_delay), 1)                         AS late_off_min,
           round(avg(f.arr_delay), 1)                         AS late_on_min,
           round(avg(f.dep_delay - f.arr_delay), 1)           AS made_up_min,
           round(100 * avg((f.arr_delay <= 15)::INT), 1)      AS on_time_pct,
           round(avg(p.seats))::INT                             AS seats
    FROM 'data/flights/*.parquet' f
    JOIN 'data/reference/airlines.parquet' a USING (carrier)
    LEFT JOIN 'data/reference/planes.parquet' p USING (tailnum)
    WHERE f.arr_delay IS NOT NULL
    GROUP BY a.name
    HAVING count(*) > 1000
    ORDER BY made_up_min DESC
""").df()
