"""The session cache: models load when needed, are leased, pinned, and evicted under a limit."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from openrek.vision import ModelPack, RuntimeOptions, load_packs
from openrek.vision.runtime.session import OnnxSession
from openrek.vision.runtime.session_cache import MEMORY_FACTOR, SessionCache

SMALL = ("blazeface_back", "facemesh", "iris", "gender", "face_expression")
SECONDS = 30


def small_pack() -> ModelPack:
    """Small models of the default pack."""
    models = {model.name: model for pack in load_packs() for model in pack.models}
    return ModelPack("small", "1", "", tuple(models[name] for name in SMALL))


def memory_of(*names: str) -> int:
    return MEMORY_FACTOR * sum(model.bytes for model in small_pack().models if model.name in names)


def limited(memory_bytes: int) -> SessionCache:
    return SessionCache([small_pack()], RuntimeOptions(memory_bytes=memory_bytes))


def use(cache: SessionCache, *names: str) -> None:
    for name in names:
        with cache.lease(name) as session:
            assert session.descriptor.name == name


def test_a_model_is_loaded_for_its_first_run_and_stays() -> None:
    cache = limited(0)
    mesh = cache["facemesh"]
    assert not cache.loaded
    outputs = mesh.run([np.zeros((1, 192, 192, 3), np.float32)])
    assert outputs["landmarks"].size == 468 * 3
    assert cache.loaded == ("facemesh",)
    with cache.lease("facemesh") as one, cache.lease("facemesh") as other:
        assert one is other
    assert cache.memory_bytes == memory_of("facemesh")


def test_threads_that_need_a_model_at_the_same_time_load_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    make = OnnxSession.__init__

    def counting(session: OnnxSession, descriptor: Any, *options: Any) -> None:
        loaded.append(descriptor.name)
        make(session, descriptor, *options)

    monkeypatch.setattr(OnnxSession, "__init__", counting)
    cache, together = limited(0), threading.Barrier(8)

    def need(_: int) -> None:
        together.wait(SECONDS)
        use(cache, "iris")

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(need, range(8)))
    assert loaded == ["iris"]


def test_over_the_limit_the_model_used_longest_ago_is_evicted() -> None:
    cache = limited(memory_of("facemesh", "iris", "gender"))
    use(cache, "facemesh", "iris", "gender", "facemesh")
    assert set(cache.loaded) == {"facemesh", "iris", "gender"}
    use(cache, "blazeface_back")
    assert set(cache.loaded) == {"facemesh", "gender", "blazeface_back"}
    use(cache, "iris")
    assert "iris" in cache.loaded
    assert cache.memory_bytes <= memory_of("facemesh", "iris", "gender")


def test_a_model_that_was_evicted_is_loaded_again_and_answers_the_same() -> None:
    cache = limited(memory_of("facemesh"))
    shown = [np.full((1, 192, 192, 3), 0.5, np.float32)]
    before = cache["facemesh"].run(shown)["landmarks"]
    use(cache, "gender")
    assert cache.loaded == ("gender",)
    assert np.array_equal(cache["facemesh"].run(shown)["landmarks"], before)


def test_a_leased_model_is_not_evicted_until_it_is_returned() -> None:
    cache = limited(memory_of("gender"))
    with cache.lease("facemesh"), cache.lease("iris"):
        use(cache, "gender")
        assert {"facemesh", "iris"} <= set(cache.loaded)
    assert cache.memory_bytes <= memory_of("gender")


def test_pinned_models_are_loaded_at_once_and_never_evicted() -> None:
    cache = limited(0)
    cache.pin()
    assert cache.loaded == SMALL


def test_as_many_models_are_pinned_as_fit_and_the_others_take_turns() -> None:
    cache = limited(memory_of("blazeface_back", "facemesh"))
    cache.pin()
    assert cache.loaded == ("blazeface_back", "facemesh")
    use(cache, "iris", "gender")
    assert cache.loaded == ("blazeface_back", "facemesh")


def test_many_threads_under_a_limit_that_holds_one_model_all_get_theirs() -> None:
    cache = limited(memory_of("gender"))

    def need(number: int) -> str:
        with cache.lease(SMALL[number % len(SMALL)]) as session:
            return session.descriptor.name

    with ThreadPoolExecutor(6) as executor:
        assert list(executor.map(need, range(30))) == [SMALL[number % len(SMALL)] for number in range(30)]
    assert cache.memory_bytes <= memory_of("gender") or len(cache.loaded) == 1


def test_a_model_that_no_pack_has_is_named() -> None:
    with pytest.raises(LookupError, match="no installed pack has the model nothing"):
        limited(0)["nothing"]


@pytest.mark.parametrize("provider", ["cpu", "CPU", "CPUExecutionProvider"])
def test_the_provider_goes_by_its_name_with_or_without_the_ending(provider: str) -> None:
    assert RuntimeOptions(provider=provider).providers == ["CPUExecutionProvider"]


def test_another_provider_falls_back_to_the_cpu_for_what_it_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    available = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    assert RuntimeOptions(provider="cuda").providers == ["CUDAExecutionProvider", "CPUExecutionProvider"]


def test_an_unavailable_provider_is_refused_at_the_start_with_those_that_are_available() -> None:
    with pytest.raises(ValueError, match=r"execution_provider is 'abacus', which .* does not have\. Available: .*cpu"):
        SessionCache([small_pack()], RuntimeOptions(provider="abacus"))


def test_provider_and_threads_reach_the_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    made: list[tuple[int, Sequence[str]]] = []
    make = onnxruntime.InferenceSession

    def watched(model: bytes, options: Any, providers: Sequence[str]) -> Any:
        made.append((options.intra_op_num_threads, providers))
        return make(model, options, providers=providers)

    monkeypatch.setattr(onnxruntime, "InferenceSession", watched)
    use(SessionCache([small_pack()], RuntimeOptions(threads=2)), "gender")
    assert made == [(2, ["CPUExecutionProvider"])]
