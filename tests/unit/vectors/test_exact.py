import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.vectors import ExactIndex

LENGTH = 32


def unit_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    values = np.random.default_rng(seed).standard_normal((count, LENGTH)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def filled(vectors: NDArray[np.float32], numbers: NDArray[np.int64] | None = None) -> ExactIndex:
    index = ExactIndex(LENGTH)
    index.put(np.arange(len(vectors)) if numbers is None else numbers, vectors)
    return index


def memory_of(index: ExactIndex) -> bytes:
    """The index's whole memory, rows that were removed included."""
    import faiss

    codes = index._index.codes
    capacity = 500 * LENGTH * 2
    return bytes(np.array(faiss.rev_swig_ptr(codes.data(), capacity))[:capacity])


def test_neighbours_are_those_of_all_vectors_compared() -> None:
    vectors = unit_vectors(500)
    index = filled(vectors, np.arange(500) * 7)
    for query in unit_vectors(5, seed=1):
        cosines = vectors.astype(np.float16).astype(np.float32) @ query
        expected = np.argsort(-cosines)[:20]
        result = index.search(query, 20)
        assert result.numbers.tolist() == (expected * 7).tolist()
        np.testing.assert_allclose(result.cosines, cosines[expected], atol=1e-6)


def test_of_equal_vectors_the_lower_number_comes_first() -> None:
    vectors = np.repeat(unit_vectors(1), 4, axis=0)
    index = filled(vectors, np.array([30, 10, 40, 20]))
    assert index.search(vectors[0], 4).numbers.tolist() == [10, 20, 30, 40]


def test_no_more_neighbours_than_vectors() -> None:
    index = ExactIndex(LENGTH)
    assert len(index.search(unit_vectors(1)[0], 10).numbers) == 0
    index.put(np.array([5]), unit_vectors(1))
    assert index.search(unit_vectors(1)[0], 10).numbers.tolist() == [5]
    assert len(index.search(unit_vectors(1)[0], 0).numbers) == 0


def test_a_vector_that_is_put_again_is_replaced() -> None:
    vectors = unit_vectors(12)
    index = filled(vectors[:10])
    index.put(np.array([3, 11, 7]), vectors[[10, 11, 3]])
    assert len(index) == 11
    assert index.search(vectors[10], 1).numbers.tolist() == [3]
    assert index.search(vectors[3], 1).numbers.tolist() == [7]
    assert index.search(vectors[11], 1).numbers.tolist() == [11]
    assert index.search(vectors[7], 1).cosines[0] < 0.99


@pytest.mark.parametrize("removed", [[0], [499], [0, 1, 2], [497, 498, 499], list(range(0, 500, 3)), list(range(500))])
def test_removed_vectors_are_not_found_and_not_in_memory(removed: list[int]) -> None:
    vectors = unit_vectors(500)
    index = filled(vectors)
    index.remove(np.array([*removed, 1_000]))
    kept = sorted(set(range(500)) - set(removed))
    assert len(index) == len(kept)
    assert sorted(index.search(vectors[removed[0]], 500).numbers.tolist()) == kept
    content = memory_of(index)
    stored = vectors.astype("<f2")
    assert not any(stored[number].tobytes() in content for number in removed)
    assert all(index.search(vectors[number], 1).numbers.tolist() == [number] for number in kept[::50])


def test_vectors_can_be_added_after_all_were_removed() -> None:
    vectors = unit_vectors(6)
    index = filled(vectors[:3])
    index.remove(np.arange(3))
    index.put(np.arange(1, 4), vectors[3:])
    assert index.search(vectors[4], 1).numbers.tolist() == [2]


def test_other_lengths_are_refused() -> None:
    index = filled(unit_vectors(3))
    with pytest.raises(ValueError, match="not"):
        index.put(np.array([9]), np.zeros((1, LENGTH + 1), np.float32))
    with pytest.raises(ValueError, match="not"):
        index.search(np.zeros(LENGTH - 1, np.float32), 1)


def test_changes_and_searches_may_come_at_once() -> None:
    vectors = unit_vectors(400)
    index = filled(vectors[:200])
    failures: list[Any] = []

    def search() -> None:
        for place in range(300):
            wanted = place % 100  # these stay all the time
            result = index.search(vectors[wanted], 1)
            if result.numbers.tolist() != [wanted]:
                failures.append((wanted, result))

    def change(first: int) -> None:
        for number in range(first, first + 50):
            index.put(np.array([number + 200]), vectors[number][None])
            index.remove(np.array([number]))

    threads = [threading.Thread(target=search) for _ in range(4)]
    threads += [threading.Thread(target=change, args=(first,)) for first in (100, 150)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(index) == 200
