// <course-words data-map='{"words": [], "places": [[x, y]], "near": [[[word, cosine]]]}'>: a map that
// shows the nearest words of a word, as the vectors have them. Its content, a still picture of the
// map, stays where this script does not run. Texts are set as text, and the picture must be a PNG
// that the page brings along: nothing else acts.

if (!customElements.get("course-words")) {
  const PICTURE = /^data:image\/png;base64,[A-Za-z0-9+/=]+$/;
  const STYLE = `
    :host { display: block; max-width: 100%; color: inherit; }
    .map { position: relative; max-width: 100%; background: #fff; border: 12px solid #fff; border-radius: 6px;
      box-sizing: border-box; }
    img { display: block; width: 100%; }
    svg { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair; }
    text { fill: #000; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
    p { min-height: 3em; margin: .5em 0; }
    input { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor;
      border-radius: 6px; padding: .25em .5em; width: 10em; }
    :focus-visible { outline: 3px solid #56B4E9; outline-offset: 2px; }`;
  const SIZE = 900, LETTER = 14; // the picture is so many units wide, a letter so many pixels high
  // Where a word may stand around its dot: to the right and down in letters, and its share to the left.
  const AROUND = [[0.6, 0.35, 0], [-0.6, 0.35, -1], [0, -0.6, -0.5], [0, 1.3, -0.5],
    [0.4, -0.4, 0], [-0.4, -0.4, -1], [0.4, 1.1, 0], [-0.4, 1.1, -1]];

  customElements.define("course-words", class extends HTMLElement {
    connectedCallback() {
      const still = this.querySelector("img");
      if (this.shadowRoot || !still || !PICTURE.test(still.src)) return;
      this.map = JSON.parse(this.dataset.map);
      this.height = SIZE * this.map.height;
      this.at = -1;
      this.build(still);
    }

    build(still) {
      const root = this.attachShadow({ mode: "open" });
      const make = (tag, text = "") => {
        const made = document.createElement(tag);
        made.textContent = text;
        return made;
      };
      const frame = make("div");
      frame.className = "map";
      frame.style.width = `${still.width || SIZE}px`;
      const image = make("img");
      image.src = still.src;
      image.alt = still.alt;
      this.over = this.shape(frame, "svg", { viewBox: `0 0 ${SIZE} ${this.height}`, "aria-hidden": "true" });
      frame.prepend(image);
      this.text = make("p", "Point at a word or type one: lines lead to the nearest among all numbers.");
      this.text.setAttribute("aria-live", "polite");
      this.input = make("input");
      this.input.setAttribute("list", "words");
      const list = make("datalist");
      list.id = "words";
      for (const word of this.map.words) list.append(new Option(word));
      const label = make("label", "Nearest to ");
      label.append(this.input);
      root.append(make("style", STYLE), frame, this.text, label, list);
      this.over.onpointermove = this.over.onpointerdown = (event) => this.point(event);
      this.input.oninput = () => this.show(this.map.words.indexOf(this.input.value.trim()), false);
      this.tabIndex = 0;
      this.setAttribute("role", "group");
      this.setAttribute("aria-label", "A map of words: the arrow keys go from word to word");
      this.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab leaves the keys to us
      this.onkeydown = (event) => this.press(event);
    }

    press(event) {
      const last = this.map.words.length - 1;
      const goals = { ArrowRight: Math.min(this.at + 1, last), ArrowLeft: Math.max(this.at - 1, 0), Home: 0, End: last };
      if (!(event.key in goals) || this.shadowRoot.activeElement === this.input) return;
      event.preventDefault();
      event.stopPropagation();
      this.show(goals[event.key]);
    }

    point(event) {
      const box = this.over.getBoundingClientRect();
      const x = SIZE * (event.clientX - box.left) / box.width;
      const y = this.height * (event.clientY - box.top) / box.height;
      const away = this.map.places.map((_, i) => Math.hypot(this.place(i)[0] - x, this.place(i)[1] - y));
      const nearest = away.indexOf(Math.min(...away));
      if (away[nearest] < 40) this.show(nearest);
    }

    place(i) { return [SIZE * this.map.places[i][0], this.height * this.map.places[i][1]]; }

    show(i, fill = true) {
      if (i < 0 || i === this.at) return;
      this.at = i;
      const { words, near } = this.map;
      if (fill) this.input.value = words[i];
      this.text.textContent = `Nearest to ${words[i]}: `
        + near[i].map(([other, cosine]) => `${words[other]} ${cosine.toFixed(2)}`).join(", ") + ".";
      this.letter = LETTER * SIZE / (this.over.clientWidth || SIZE);
      this.over.replaceChildren();
      this.shape(this.over, "rect", { width: SIZE, height: this.height, fill: "#fff", opacity: 0.65 });
      const [x, y] = this.place(i), others = near[i].map(([other]) => other);
      for (const other of others) {
        const [x2, y2] = this.place(other);
        this.shape(this.over, "line", { x1: x, y1: y, x2, y2, stroke: "#0072B2", "stroke-width": 3 });
      }
      this.taken = [i, ...others].map((one) => {
        const [left, top] = this.place(one), half = this.letter / 3;
        return [left - half, top - half, left + half, top + half];
      });
      for (const one of [i, ...others]) this.mark(one, one === i);
    }

    // A dot, and its word where there is room for it.
    mark(i, chosen) {
      const [x, y] = this.place(i), word = this.map.words[i], high = this.letter;
      const wide = 0.62 * high * word.length;
      this.shape(this.over, "circle", { cx: x, cy: y, r: high / (chosen ? 2.5 : 3.5), fill: chosen ? "#D55E00" : "#0072B2" });
      for (const [right, down, share] of AROUND) {
        const left = x + right * high + share * wide, low = y + down * high;
        const box = [left, low - high, left + wide, low];
        const free = this.taken.every((one) =>
          one[0] >= box[2] || one[2] <= box[0] || one[1] >= box[3] || one[3] <= box[1]);
        if (!free || box[0] < 0 || box[2] > SIZE || box[1] < 0 || box[3] > this.height) continue;
        this.taken.push(box);
        const text = this.shape(this.over, "text", { x: box[0], y: box[3], "font-size": high,
          "font-weight": chosen ? "bold" : "normal" });
        text.textContent = word;
        return;
      }
    }

    shape(parent, tag, attributes) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      parent.append(made);
      return made;
    }
  });
}
