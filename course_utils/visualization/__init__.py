"""All lessons: maps of vectors, curves, bars, heat maps, drawings, all in one style."""

from course_utils.visualization.attention import attention_html, attention_table, plot_attention
from course_utils.visualization.display import show
from course_utils.visualization.drawings import (
    TrainingStep,
    draw_classifier,
    draw_forces,
    draw_lookup,
    draw_offsets,
    draw_recommender,
    draw_training_step,
    forces_frames,
    training_step_frames,
)
from course_utils.visualization.interactive import (
    export_projector,
    interactive_map,
    show_word_map,
)
from course_utils.visualization.maps import plot_map, plot_maps
from course_utils.visualization.plots import (
    course_map,
    plot_bars,
    plot_confusion,
    plot_heatmap,
    plot_heavy_tail,
    plot_learning_curves,
    plot_lines,
)
from course_utils.visualization.projection import Projection, project
from course_utils.visualization.rnn_drawings import (
    colored_text_html,
    draw_four_shapes,
    draw_gru_step,
    draw_lstm_step,
    draw_next_characters,
    draw_temperatures,
    draw_unrolled,
    draw_writing,
    show_colored_text,
    temperature_frames,
    unrolled_frames,
    writing_frames,
)
from course_utils.visualization.sne import neighbor_probabilities, pulls_and_pushes
from course_utils.visualization.steps import Frame, show_steps, steps_html
from course_utils.visualization.style import MARKERS, PALETTE, use_style
from course_utils.visualization.word_drawings import (
    PairStep,
    draw_analogy,
    draw_cbow_and_skipgram,
    draw_counting_and_predicting,
    draw_pair_step,
    draw_pieces,
    draw_strips,
    draw_two_tables,
    draw_window,
    pair_step_frames,
    window_frames,
)
