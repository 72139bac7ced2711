# How much of a day's delay is the clock, and how much the weather? pandas joins each flight with the weather of its hour.
import matplotlib.pyplot as plt
import pandas as pd

flights = pd.read_parquet("data/flights", columns=["origin", "time_hour", "hour", "dep_delay"])
weather = pd.read_parquet("data/weather/weather.parquet", columns=["origin", "time_hour", "visib", "precip"])
joined = flights.dropna().merge(weather, on=["origin", "time_hour"])
names = {"EWR": "Newark", "JFK": "Kennedy", "LGA": "LaGuardia"}

figure, (by_hour, by_weather) = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
for airport, part in joined.groupby("origin"):
    hourly = part.groupby("hour")["dep_delay"].agg(["mean", "size"])
    by_hour.plot(
        hourly.index[hourly["size"] > 100],
        hourly["mean"][hourly["size"] > 100],
        marker="o",
        label=names[airport],
    )
by_hour.set(
    xticks=range(6, 24, 3),
    title="Delays grow through the day …",
    xlabel="scheduled hour",
    ylabel="mean departure delay, minutes",
)
by_hour.legend(frameon=False)

sight = pd.cut(joined["visib"], [-1, 1, 3, 6, 9.9, 10], labels=["≤ 1", "1–3", "3–6", "6–10", "clear"])
wet = joined["precip"].gt(0).map({False: "dry", True: "rain or snow"})
means = joined.groupby([sight, wet], observed=True)["dep_delay"].mean().unstack()
means.plot.bar(ax=by_weather, rot=0, color=["#c9a227", "#2a6f97"])
by_weather.set(title="… and with what the pilot cannot see", xlabel="visibility, miles")
by_weather.legend(title=None, frameon=False)
for axes in (by_hour, by_weather):
    axes.spines[["top", "right"]].set_visible(False)
figure.suptitle(f"{len(joined):,} departures from New York, 2013")
plt.show()
