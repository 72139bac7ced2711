"""Settings of all Python tests."""

from hypothesis import HealthCheck, Phase, settings

# Nothing here may depend on how busy the machine is: no time limit for an example, none for making one.
settings.register_profile("grad", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For `make mutants`, where it matters that a test fails and not by which smallest example.
settings.register_profile(
    "mutants",
    parent=settings.get_profile("grad"),
    phases=(Phase.explicit, Phase.generate),
    max_examples=50,
    derandomize=True,
    database=None,
)
settings.load_profile("grad")
