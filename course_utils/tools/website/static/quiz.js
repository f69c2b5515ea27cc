// Answers the quizzes: says whether an answer is right, and why.

function chosen(question) {
  if (question.dataset.kind !== "numeric") {
    return [...question.querySelectorAll("input")].filter((field) => field.checked);
  }
  return [...question.querySelectorAll("input")].filter((field) => field.value.trim() !== "");
}

function holds(field) {
  if (field.dataset.value === undefined) return field.dataset.correct === "True";
  const given = Number(field.value.replace(",", ".").replace("−", "-"));
  return Math.abs(given - Number(field.dataset.value)) <= Number(field.dataset.tolerance);
}

function check(question) {
  const fields = chosen(question);
  const wanted = [...question.querySelectorAll("input[data-correct=True]")].length;
  const kept = fields.filter(holds);
  const many = question.dataset.kind === "many_choice";
  const right = kept.length === fields.length && kept.length > 0 && (!many || kept.length === wanted);
  const verdict = question.querySelector(".verdict");
  const word = document.createElement("strong");
  if (fields.length === 0) word.textContent = "Answer first.";
  else if (right) word.textContent = "Right.";
  else if (kept.length === fields.length) word.textContent = "Right so far, but more answers are right.";
  else word.textContent = "Not right.";
  const told = question.dataset.kind === "numeric" && !right ? [] : fields;
  const reasons = told.map((field) => {
    const reason = field.closest(".answer").querySelector(".feedback").cloneNode(true);
    reason.hidden = false;
    return reason;
  });
  verdict.replaceChildren(word, ...reasons);
  verdict.dataset.right = String(right);
  question.querySelector(".see").hidden = right || fields.length === 0;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".quiz button");
  if (button) check(button.closest(".question"));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".quiz")) return;
  event.preventDefault();
  const question = document.activeElement.closest(".question");
  if (question) check(question);
});
