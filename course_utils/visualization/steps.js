// <course-steps data-steps='{"frames": [{"picture", "text", "values"}, ...]}'>: a drawing that moves
// step by step. Its content, a still picture, stays where this script does not run.
// Texts are set as text and pictures must be PNGs that the page brings along: nothing else acts.

if (!customElements.get("course-steps")) {
  const PICTURE = /^data:image\/png;base64,[A-Za-z0-9+/=]+$/;
  const STYLE = `
    :host { display: block; max-width: 100%; color: inherit; }
    img { display: block; max-width: 100%; box-sizing: border-box; background: #fff; border-radius: 6px; }
    p { min-height: 3em; margin: .5em 0; }
    .bar { display: flex; flex-wrap: wrap; gap: .6em; align-items: center; }
    details { margin-top: .6em; } pre { overflow-x: auto; }
    button { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor;
      border-radius: 6px; padding: .25em .8em; cursor: pointer; }
    button[aria-disabled="true"] { opacity: .5; cursor: default; }
    :focus-visible { outline: 3px solid #56B4E9; outline-offset: 2px; }
    @media (prefers-reduced-motion: no-preference) {
      img { animation: appear .25s; } @keyframes appear { from { opacity: .4; } }
    }`;

  customElements.define("course-steps", class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const frames = JSON.parse(this.dataset.steps).frames.filter((one) => PICTURE.test(one.picture));
      if (frames.length === 0) return;
      this.frames = frames;
      this.at = 0;
      this.build();
      this.show();
    }

    disconnectedCallback() { this.stop(); }

    build() {
      const root = this.attachShadow({ mode: "open" });
      const make = (tag, text = "") => {
        const made = document.createElement(tag);
        made.textContent = text;
        return made;
      };
      const style = make("style", STYLE);
      this.image = make("img");
      this.image.width = Number(this.dataset.width);
      this.text = make("p");
      this.text.setAttribute("aria-live", "polite");
      this.back = make("button", "\u2190 back");
      this.next = make("button", "next \u2192");
      this.player = make("button", "play");
      this.player.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.place = make("span");
      this.numbers = make("pre");
      const fold = make("details");
      fold.append(make("summary", "The numbers of this step"), this.numbers);
      fold.hidden = !this.frames.some((one) => one.values);
      const bar = make("div");
      bar.className = "bar";
      bar.append(this.back, this.next, this.player, this.place);
      root.append(style, this.image, this.text, bar, fold);
      this.back.onclick = () => this.go(this.at - 1);
      this.next.onclick = () => this.go(this.at + 1);
      this.player.onclick = () => (this.timer ? this.stop() : this.play());
      this.tabIndex = 0;
      this.setAttribute("role", "group");
      this.setAttribute("aria-label", "A drawing in steps: the arrow keys go on and back");
      this.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab leaves the keys to us
      this.onkeydown = (event) => this.press(event);
    }

    press(event) {
      const goals = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: this.frames.length - 1 };
      if (!(event.key in goals)) return;
      event.preventDefault();
      event.stopPropagation();
      this.go(goals[event.key]);
    }

    go(place) {
      this.stop();
      this.at = Math.min(Math.max(place, 0), this.frames.length - 1);
      this.show();
    }

    play() {
      if (this.at === this.frames.length - 1) this.at = -1;
      this.player.textContent = "stop";
      const step = () => {
        this.at += 1;
        this.show();
        if (this.at === this.frames.length - 1) this.stop();
      };
      this.timer = setInterval(step, 1200);
      step();
    }

    stop() {
      clearInterval(this.timer);
      this.timer = 0;
      if (this.player) this.player.textContent = "play";
    }

    show() {
      const frame = this.frames[this.at];
      this.image.src = frame.picture;
      this.image.alt = frame.text;
      this.text.textContent = frame.text;
      this.place.textContent = `${this.at + 1} of ${this.frames.length}`;
      this.numbers.textContent = Object.entries(frame.values || {})
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("\n");
      this.back.setAttribute("aria-disabled", String(this.at === 0));
      this.next.setAttribute("aria-disabled", String(this.at === this.frames.length - 1));
    }
  });
}
