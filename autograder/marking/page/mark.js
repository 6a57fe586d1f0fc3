// The marking page: which answer is open, what its grader has decided but not saved, and the keys.
import { h, hashOf, lineWords, markWords, number, overview, plural, signed, standing, totalOf, typed, waits } from "./view.js";

const $ = (id) => document.getElementById(id);
const main = $("main");
const POLL = 8000;

let question = null; // as the server described it last
let order = []; // ids of its answers, in the order in which this grader goes through them
let answer = null; // the open one
let grader = "";
let shown = ""; // the overview as it was drawn last
const drafts = new Map(); // {answer id: {points, rubric, comment}}: decided, not saved

class Problem extends Error {}

async function ask(path, body) {
  let reply;
  try {
    reply = await fetch(path, body === undefined ? {} : {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    throw new Problem("The server does not answer: is `autograder mark` still running? Nothing that you typed is lost while this page is open.");
  }
  const data = await reply.json().catch(() => ({}));
  if (!reply.ok && reply.status !== 409) throw new Problem(data.problem ?? `The server refused: ${reply.status}.`);
  return { data, conflict: reply.status === 409 };
}

function say(words, bad = false) {
  $("said").textContent = words;
  $("said").className = bad ? "bad" : "";
}

// Runs what a person asked for; what goes wrong is said in the page.
async function attempt(action) {
  try {
    await action();
  } catch (problem) {
    if (!(problem instanceof Problem)) console.error(problem);
    say(problem.message, true);
  }
}

// --- where we are: the address's hash names week, question and answer ---

const hashParts = () => location.hash.slice(1).split("/").filter(Boolean).map(decodeURIComponent);

async function route() {
  const [week, name, id] = hashParts();
  if (!week || !name) return showOverview();
  if (!question || question.week !== week || question.question !== name) await openQuestion(week, name);
  const wanted = order.includes(id) ? id : order.find((one) => waits(lineOf(one)) && !lineOf(one).open) ?? order[0];
  if (wanted !== id) history.replaceState(null, "", hashOf(week, name, wanted));
  await openAnswer(wanted);
}

async function showOverview() {
  question = answer = null;
  const { data } = await ask("/api/overview");
  grader = data.grader;
  shown = JSON.stringify(data);
  $("who").textContent = `Marking as ${grader}`;
  $("where").textContent = "";
  document.title = "Written answers";
  main.replaceChildren(...overview(data));
  main.focus();
}

const questionPath = (week, name) => `/api/question/${encodeURIComponent(week)}/${encodeURIComponent(name)}`;

async function openQuestion(week, name) {
  if (!grader) {
    grader = (await ask("/api/overview")).data.grader;
    $("who").textContent = `Marking as ${grader}`;
  }
  question = (await ask(questionPath(week, name))).data;
  order = question.answers.map((line) => line.id);
  $("where").textContent = question.week_title;
}

const lineOf = (id) => question.answers.find((line) => line.id === id) ?? { state: "settled" };

async function openAnswer(id) {
  answer = (await ask(`/api/answer/${id}`)).data;
  updateLine(answer);
  showAnswer();
  $("title").focus();
  scrollTo(0, 0);
}

function updateLine({ id, state, points, grader: by, open }) {
  const place = question.answers.findIndex((line) => line.id === id);
  if (place >= 0) question.answers[place] = { id, state, points, grader: by, open };
}

const go = (id) => { location.hash = hashOf(question.week, question.question, id); };

function step(by) {
  const place = order.indexOf(answer.id) + by;
  if (place < 0 || place >= order.length) say(by > 0 ? "This is the last answer." : "This is the first answer.");
  else { say(""); go(order[place]); }
}

// The next that waits, from here on and then from the beginning; what others have open comes last.
function nextWaiting() {
  const here = order.indexOf(answer.id);
  const around = [...order.slice(here + 1), ...order.slice(0, here)].filter((id) => waits(lineOf(id)));
  return around.find((id) => !lineOf(id).open) ?? around[0];
}

// --- a decision that is not saved yet ---

const saved = () => ({
  points: answer.mark && (answer.mark.points !== 0 || answer.mark.rubric.length === 0) ? number(answer.mark.points) : "",
  rubric: answer.mark?.rubric.filter((id) => question.rubric.some((item) => item.id === id)) ?? [],
  comment: answer.mark?.comment ?? "",
});

const draft = () => drafts.get(answer.id) ?? saved();

function change(parts) {
  const now = { ...draft(), ...parts };
  if (JSON.stringify(now) === JSON.stringify(saved())) drafts.delete(answer.id);
  else drafts.set(answer.id, now);
  showDraft();
}

const chosen = () => question.rubric.filter((item) => draft().rubric.includes(item.id));

function toggle(id) {
  const { rubric } = draft();
  // Points typed before the first item was chosen were the whole mark; with items they would be added to it.
  const first = rubric.length === 0 && !rubric.includes(id);
  change({ rubric: rubric.includes(id) ? rubric.filter((one) => one !== id) : [...rubric, id], ...(first ? { points: "" } : {}) });
}

async function save() {
  const { points: text, rubric, comment } = draft();
  const points = typed(text);
  if (Number.isNaN(points)) throw new Problem(`“${text}” is not a number of points.`);
  if (points === null && rubric.length === 0) throw new Problem("There are no points to save: choose an item of the rubric, or enter points. “Withdraw” takes a mark back.");
  await send({ points, rubric, comment });
}

async function send(decision, version = answer.version) {
  const id = answer.id;
  const { data, conflict } = await ask(`/api/answer/${id}`, { ...decision, version });
  if (conflict) return showConflict(data, decision);
  drafts.delete(id);
  answer = data;
  updateLine(data);
  const done = data.mark ? `Saved: ${number(data.points)} of ${number(data.most)}.` : "Withdrawn: there is no mark now.";
  const next = data.mark ? nextWaiting() : undefined;
  if (next) { say(done); go(next); return; }
  showAnswer();
  say(data.mark ? `${done} Every answer to this question is marked.` : done);
}

// --- the open answer ---

function showAnswer() {
  const place = order.indexOf(answer.id) + 1;
  document.title = `${place} of ${order.length} · ${question.question}`;
  const waiting = question.answers.filter(waits).length;
  const needed = waiting + question.answers.filter((line) => line.state === "marked").length;
  main.replaceChildren(
    h("div", { className: "turn" },
      h("h1", { id: "title", tabIndex: -1 }, answer.name ?? `Answer ${place} of ${order.length}`),
      answer.name ? h("span", { className: "quiet" }, `${place} of ${order.length}`) : null,
      h("button", { type: "button", "aria-keyshortcuts": "k", onclick: () => step(-1) }, "Previous ", h("kbd", {}, "k")),
      h("button", { type: "button", "aria-keyshortcuts": "j", onclick: () => step(1) }, "Next ", h("kbd", {}, "j")),
      h("button", { type: "button", "aria-keyshortcuts": "u", onclick: goWaiting }, "Next that waits ", h("kbd", {}, "u")),
      h("select", { id: "jump", "aria-label": "Go to answer", onchange: (event) => go(event.target.value) },
        order.map((id, at) => h("option", { value: id, selected: id === answer.id }, lineWords(lineOf(id), at + 1)))),
      h("div", { className: "meter" },
        h("progress", { max: Math.max(needed, 1), value: needed ? needed - waiting : 1, "aria-label": "Progress of this question" }),
        h("span", { className: "count", id: "left" }, waiting ? `${waiting} of ${needed} to mark` : "all marked"))),
    h("div", { className: "desk" },
      h("div", { className: "column", tabIndex: 0, role: "region", "aria-label": "Question and model answer" },
        h("section", {}, h("h2", {}, "Question"), h("div", { className: "text", html: question.text || "<p>The course does not hold this question any more.</p>" })),
        h("section", {}, h("h2", {}, "Model answer"), h("div", { className: "text", html: question.model || "<p>There is none.</p>" }))),
      h("div", { className: "column answer", tabIndex: 0, role: "region", "aria-label": "Student's answer" },
        h("h2", {}, "Student's answer"),
        h("div", { className: "text", dir: "auto", html: answer.html || "<p>No answer.</p>" })),
      h("div", { className: "column panel", tabIndex: 0, role: "region", "aria-label": "Mark" },
        h("h2", {}, "Mark"),
        h("p", { className: waits(answer) && answer.mark ? "notice" : "quiet", id: "standing" }, standing(answer)),
        answer.open ? h("p", { className: "notice" }, `${answer.open} has this answer open, too.`) : null,
        h("p", { className: "total" }, h("b", { id: "total" }), h("span", { className: "quiet" }, ` of ${number(answer.most)}`)),
        h("h3", {}, "Rubric"),
        h("ul", { className: "rubric", id: "rubric" }),
        h("p", {}, h("button", { type: "button", "aria-keyshortcuts": "r", onclick: () => openItem(null) }, "New item ", h("kbd", {}, "r"))),
        h("p", { className: "points-line" },
          h("label", { htmlFor: "points", id: "points-label" }),
          h("input", { id: "points", autocomplete: "off", inputMode: "decimal", "aria-keyshortcuts": "p", oninput: (event) => change({ points: event.target.value }) }), h("kbd", {}, "p")),
        h("p", {},
          h("label", { htmlFor: "comment" }, "Comment ", h("span", { className: "quiet" }, "(the student reads it) "), h("kbd", {}, "c")),
          h("textarea", { id: "comment", rows: 4, maxLength: 10000, "aria-keyshortcuts": "c", oninput: (event) => change({ comment: event.target.value }) })),
        h("p", { className: "buttons" },
          h("button", { id: "save", type: "button", className: "first", "aria-keyshortcuts": "s", onclick: () => attempt(save) }, "Save ", h("kbd", {}, "s")),
          h("button", { id: "withdraw", type: "button", hidden: !answer.mark, onclick: () => attempt(() => send({ points: null, rubric: [], comment: "" })) }, "Withdraw"),
          h("button", { id: "discard", type: "button", onclick: () => { drafts.delete(answer.id); showDraft(); } }, "Discard changes")),
        h("p", { className: "quiet", id: "unsaved" }))));
  showRubric();
}

function showRubric() {
  const focus = document.activeElement?.closest("#rubric") ? document.activeElement.id : "";
  $("rubric").replaceChildren(...question.rubric.map((item, at) =>
    h("li", {},
      h("label", {},
        h("input", { type: "checkbox", id: `item-${item.id}`, "aria-keyshortcuts": at < 9 ? String(at + 1) : null, onchange: () => toggle(item.id) }),
        h("span", { className: "worth" }, signed(item.points)),
        h("span", {}, at < 9 ? h("kbd", {}, String(at + 1)) : null, ` ${item.text}`)),
      h("button", { type: "button", id: `change-${item.id}`, "aria-label": `Change the item ${item.text}`, onclick: () => attempt(() => changeItem(item.id)) }, "change"))));
  if (focus) $(focus)?.focus();
  showDraft();
}

// What of the page follows from the decision. Fields that a person is typing in are left alone.
function showDraft() {
  const now = draft();
  for (const item of question.rubric) $(`item-${item.id}`).checked = now.rubric.includes(item.id);
  for (const name of ["points", "comment"]) if ($(name).value !== now[name]) $(name).value = now[name];
  $("points-label").textContent = now.rubric.length ? "Adjust by" : "Points";
  const points = typed(now.points);
  const known = points !== null || now.rubric.length > 0;
  $("total").textContent = Number.isNaN(points) ? "?" : known ? number(totalOf(points, chosen(), answer.most)) : "–";
  $("discard").hidden = !drafts.has(answer.id);
  const others = [...drafts.keys()].filter((id) => id !== answer.id).length;
  $("unsaved").textContent = [
    drafts.has(answer.id) ? "Not saved yet." : "",
    others ? `${plural(others, "other answer is", "other answers are")} not saved.` : "",
  ].join(" ").trim();
}

function goWaiting() {
  const next = nextWaiting();
  if (next) { say(""); go(next); } else say(waits(lineOf(answer.id)) ? "This is the only answer that waits." : "Every answer to this question is marked.");
}

// --- dialogs ---

let edited = null;

function openItem(item) {
  edited = item;
  $("item-title").textContent = item ? "Change an item of the rubric" : "New item of the rubric";
  $("item-note").textContent = item && item.used ? `${plural(item.used, "mark names", "marks name")} this item: a change counts for all of them.` : "";
  $("item-text").value = item?.text ?? "";
  $("item-points").value = item ? number(item.points) : "";
  $("item-problem").textContent = "";
  $("item-remove").hidden = !item;
  $("item").showModal();
  $("item-text").focus();
}

// How many marks name an item may have changed since the page was told.
async function changeItem(id) {
  take((await ask(questionPath(question.week, question.question))).data);
  const item = question.rubric.find((one) => one.id === id);
  if (item) openItem(item);
  else say("Somebody else removed this item meanwhile.", true);
}

async function sendItem(removed) {
  const points = typed($("item-points").value);
  const problem = (words) => { $("item-problem").textContent = words; };
  if (points === null || Number.isNaN(points)) return problem("Points are a number, such as 2, 0.5 or -1.");
  const known = new Set(question.rubric.map((item) => item.id));
  const { week, question: name } = question;
  try {
    const { data, conflict } = await ask("/api/rubric", {
      week, question: name, text: $("item-text").value, points, id: edited?.id ?? "", version: edited?.version ?? "", removed,
    });
    take(data);
    if (conflict) {
      const now = question.rubric.find((item) => item.id === edited.id);
      if (!now) { $("item").close(); return say("Somebody else removed this item meanwhile.", true); }
      openItem(now);
      return problem("Somebody else changed this item meanwhile: this is what it says now.");
    }
  } catch (trouble) {
    return problem(trouble.message);
  }
  $("item").close();
  // A new item is made because of the answer that is open.
  const made = question.rubric.find((item) => !known.has(item.id));
  if (!edited && made && !draft().rubric.includes(made.id)) toggle(made.id);
  say(removed ? "The item was removed from the rubric and from every mark." : "The rubric is saved.");
  if (edited) await openAgain();
}

// The open answer anew, where nothing is undecided: its points may follow from what was changed.
async function openAgain() {
  const fresh = (await ask(`/api/answer/${answer.id}`)).data;
  if (fresh.id !== answer.id) return;
  if (drafts.has(answer.id)) return;
  const focus = document.activeElement?.id;
  answer = fresh;
  updateLine(fresh);
  showAnswer();
  $(focus || "title")?.focus();
}

function take(fresh) {
  question = fresh;
  for (const line of fresh.answers) if (!order.includes(line.id)) order.push(line.id);
  for (const kept of drafts.values()) kept.rubric = kept.rubric.filter((id) => fresh.rubric.some((item) => item.id === id));
  if (answer) showRubric();
}

function showConflict(now, decision) {
  const changed = now.version.split("-")[1] !== answer.version.split("-")[1];
  const items = question.rubric;
  $("conflict-body").replaceChildren(
    h("p", {}, changed
      ? "The answer itself has changed since you opened it: its submission was graded again. Read it before you mark it."
      : now.mark ? `${now.mark.grader || "Somebody"} saved a mark for this answer after you opened it.` : "The mark of this answer was withdrawn after you opened it."),
    h("div", { className: "both" },
      h("div", {}, h("h3", {}, "There now"), ...markWords(now.mark, items, now.most)),
      h("div", {}, h("h3", {}, "Yours"), ...markWords(decision.points === null && !decision.rubric.length ? null : decision, items, now.most))));
  $("keep-mine").hidden = changed;
  $("keep-theirs").textContent = changed ? "Show the new answer" : "Keep what is there";
  const close = (after) => () => { $("conflict").close(); attempt(after); };
  $("keep-theirs").onclick = close(async () => {
    if (!changed) drafts.delete(answer.id);
    answer = now;
    updateLine(now);
    showAnswer();
    say(changed ? "This is the new answer." : "Kept what was there; yours was not saved.");
  });
  $("keep-mine").onclick = close(async () => send(decision, now.version));
  $("conflict").showModal();
  $("keep-theirs").focus();
}

// --- what others do meanwhile ---

async function poll() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  if (!question) {
    const { data } = await ask("/api/overview");
    if (!question && JSON.stringify(data) !== shown) { shown = JSON.stringify(data); main.replaceChildren(...overview(data)); }
    return;
  }
  if (!answer) return;
  const before = JSON.stringify(lineOf(answer.id)), rubric = JSON.stringify(question.rubric);
  const { data } = await ask(`${questionPath(question.week, question.question)}?open=${answer.id}`);
  if (!question || data.question !== question.question || data.week !== question.week) return;
  question = data;
  for (const line of data.answers) if (!order.includes(line.id)) order.push(line.id);
  if (JSON.stringify(data.rubric) !== rubric) take(data);
  if (JSON.stringify(lineOf(answer.id)) !== before) {
    if (drafts.has(answer.id)) say("This answer was marked, or opened, by somebody else meanwhile. Saving shows you what is there.");
    else await openAgain();
  }
}

setInterval(() => poll().catch(() => {}), POLL);

// --- keys ---

const keysOn = () => $("keys-on").checked;
$("keys-on").checked = localStorage.getItem("keys") !== "off";
$("keys-on").addEventListener("change", () => localStorage.setItem("keys", keysOn() ? "on" : "off"));

const KEYS = {
  j: () => step(1), ArrowRight: () => step(1), k: () => step(-1), ArrowLeft: () => step(-1), u: goWaiting,
  p: () => { $("points").focus(); $("points").select(); }, c: () => $("comment").focus(), r: () => openItem(null),
  s: () => attempt(save), 0: () => change({ rubric: [], points: "0" }), f: () => change({ rubric: [], points: number(answer.most) }),
};

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (field && answer && event.key === "Escape") { $("title").focus(); event.preventDefault(); return; }
  if (answer && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); attempt(save); return; }
  if (field || event.ctrlKey || event.metaKey || event.altKey || !keysOn()) return;
  let act = null;
  if (event.key === "?") act = () => $("help").showModal();
  else if (event.key === "o") act = () => { location.hash = ""; };
  else if (answer && /^[1-9]$/.test(event.key)) act = () => { const item = question.rubric[event.key - 1]; if (item) toggle(item.id); else say(`The rubric has no item ${event.key}.`); };
  else if (answer && event.key in KEYS) act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});

$("open-help").addEventListener("click", () => $("help").showModal());
$("item-cancel").addEventListener("click", () => $("item").close());
$("item-remove").addEventListener("click", () => attempt(() => sendItem(true)));
$("item-form").addEventListener("submit", (event) => { event.preventDefault(); attempt(() => sendItem(false)); });
$("item-form").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("item-form").requestSubmit(); }
});
addEventListener("hashchange", () => attempt(route));
addEventListener("beforeunload", (event) => { if (drafts.size) event.preventDefault(); });
attempt(route);
