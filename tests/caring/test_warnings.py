"""What a person is told of the samples, counted by hand."""

import numpy as np

from handful.caring.near_copies import group_samples
from handful.caring.warnings import (
    about_counts,
    about_files,
    about_groups,
    about_ignored,
    about_lost_tags,
)

TAGS = ("cat", "dog")


def tags(n_cats, n_dogs):
    return np.repeat([0, 1], [n_cats, n_dogs])


def grouped(*groups, n=10, why="near-copies"):
    pairs = [(group[0], other) for group in groups for other in group[1:]]
    return group_samples(n, [(why, np.array(pairs, np.int64).reshape(-1, 2))])


def test_thirty_of_each_are_enough_and_even_enough():
    assert about_counts(TAGS, tags(30, 149), "photos") == []


def test_fewer_than_thirty_are_named_with_their_number():
    (sentence,) = about_counts(TAGS, tags(29, 30), "photos")
    assert sentence.startswith("Fewer than 30 photos of cat (29): ")
    assert "dog" not in sentence


def test_five_times_as_many_are_lopsided():
    (sentence,) = about_counts(TAGS, tags(30, 150), "photos")
    assert "150 photos of 'dog' but 30 of 'cat'" in sentence


def test_long_lists_are_cut():
    names = [f"t{number}" for number in range(8)]
    (sentence,) = about_counts(names, np.arange(8), "photos")
    assert "t4 (1) and 3 more:" in sentence


def test_copies_under_different_tags_are_pointed_out():
    y = np.array([0] * 5 + [1] * 5)
    names = [f"{TAGS[tag]}/{number}.jpg" for number, tag in enumerate(y)]
    (sentence,) = about_groups(grouped((4, 5)), y, TAGS, names)
    assert "cat/4.jpg and dog/5.jpg" in sentence
    assert about_groups(grouped((4, 5), why="your rule"), y, TAGS, names) == []
    assert about_groups(grouped((3, 4), (6, 7)), y, TAGS, names) == []


def test_of_many_copies_two_are_named_whose_tags_differ():
    y = np.array([0] * 5 + [1] * 5)
    names = [f"{TAGS[tag]}/{number}.jpg" for number, tag in enumerate(y)]
    (sentence,) = about_groups(grouped((1, 2, 3, 8)), y, TAGS, names)
    assert "cat/1.jpg and dog/8.jpg." in sentence


def test_a_tag_that_is_hardly_more_than_copies_is_named():
    y = np.array([0] * 8 + [1] * 2)
    names = [str(number) for number in range(10)]
    (sentence,) = about_groups(grouped(range(4), range(4, 8)), y, TAGS, names)
    assert sentence.startswith("The 8 samples of 'cat' are really 2 different ones")
    assert about_groups(grouped(range(4), range(4, 7)), y, TAGS, names) == []


def test_files_left_out_are_named():
    sentences = about_files([("a/1", "b/1")], ["2", "3"], ["c: no"], "photos")
    assert [sentence.partition(":")[0] for sentence in sentences] == [
        "The same file stands under several tags and was left out",
        "Left out, as they have no tag (outside any tag's sub-folder, or an empty cell)",
        "These folders could not be looked into",
    ]
    assert "a/1 = b/1" in sentences[0]
    assert about_files([], [], [], "photos") == []


def test_lost_tags_and_ignored_files():
    assert about_lost_tags([], "photos") == about_ignored([], "photos") == []
    assert "emu" in about_lost_tags(["emu"], "photos")[0]
    assert (
        about_ignored(["a.txt"], "photos")[0]
        == "Passed over, as not named like photos: 1 file (a.txt)."
    )
    assert about_ignored(["a.txt", "b.pdf"], "photos")[0] == (
        "Passed over, as not named like photos: 2 files (a.txt, b.pdf)."
    )


def test_one_is_not_called_several():
    (outside,) = about_files([], ["x.jpg"], [], "photos")
    assert ": 1 photo (x.jpg)." in outside


def test_photos_that_a_model_is_tried_on_do_not_help_it():
    (sentence,) = about_counts(TAGS, tags(29, 30), "photos", tried=True)
    assert "More would help" not in sentence
    assert "the model itself stays as it is" in sentence
