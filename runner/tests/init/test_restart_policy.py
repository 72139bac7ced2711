from grad_runner.init.restart_policy import RestartPolicy


def test_ended_doubles_the_wait_up_to_five_seconds() -> None:
    policy = RestartPolicy()
    waits = []
    for pid in range(1, 9):
        policy.started(pid, now=0)
        waits.append(policy.ended(1, now=0.5))
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert (policy.restarts, policy.last_exit, policy.pid) == (8, 1, None)


def test_ended_begins_anew_after_a_run_of_ten_seconds() -> None:
    policy = RestartPolicy()
    for pid in (1, 2, 3):
        policy.started(pid, now=0)
        policy.ended(-9, now=1)
    policy.started(4, now=100)
    assert policy.ended(-9, now=109.9) == 0.8
    policy.started(5, now=200)
    assert policy.ended(-9, now=210) == 0.1


def test_ended_counts_a_start_that_failed_as_a_short_run() -> None:
    policy = RestartPolicy()
    assert [policy.ended(127, now=now) for now in (0, 100, 200)] == [0.1, 0.2, 0.4]
