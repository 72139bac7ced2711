"""Settings of all Python tests."""

from hypothesis import HealthCheck, settings

# Nothing here may depend on how busy the machine is: no time limit for an example, none for making one.
settings.register_profile("grad", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("grad")
