# Which airlines make up for a late start? DuckDB joins 336,776 flights with the airlines' names, where the files lie.
import duckdb

duckdb.sql("""
    SELECT a.name                                        AS airline,
           count(*)                                      AS flights,
           round(avg(f.dep_delay), 1)                    AS late_off,
           round(avg(f.arr_delay), 1)                    AS late_on,
           round(avg(f.dep_delay - f.arr_delay), 1)      AS made_up,
           round(100 * avg((f.arr_delay <= 15)::INT), 1) AS on_time
    FROM 'data/flights/*.parquet' f
    JOIN 'data/reference/airlines.parquet' a USING (carrier)
    WHERE f.arr_delay IS NOT NULL
    GROUP BY a.name
    HAVING count(*) > 1000
    ORDER BY made_up DESC
""").df()  # minutes late at take-off and landing, minutes made up between, per cent that landed on time
