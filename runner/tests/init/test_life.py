from grad_runner.init.life import Life


def test_ended_doubles_the_wait_up_to_five_seconds() -> None:
    life = Life()
    waits = []
    for pid in range(1, 9):
        life.started(pid, now=0)
        waits.append(life.ended(1, now=0.5))
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert (life.restarts, life.last_exit, life.pid) == (8, 1, None)


def test_ended_forgives_after_ten_seconds_of_life() -> None:
    life = Life()
    for pid in (1, 2, 3):
        life.started(pid, now=0)
        life.ended(-9, now=1)
    life.started(4, now=100)
    assert life.ended(-9, now=110) == 0.1


def test_ended_counts_a_start_that_failed_as_a_short_life() -> None:
    life = Life()
    assert [life.ended(127, now=now) for now in (0, 100, 200)] == [0.1, 0.2, 0.4]
