// What the page shows: elements made of data. Text goes in as text; only `html` of the server, which it made harmless, as HTML.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "html") element.innerHTML = value;
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Points as a person writes them, with a true minus sign.
export function number(value) {
  return String(Math.round(value * 100) / 100).replace("-", "−");
}

export function signed(value) {
  return value > 0 ? `+${number(value)}` : number(value);
}

// What a person typed, as a number: null for nothing, NaN for anything else.
export function typed(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  if (plain === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN;
}

export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

export const waits = (line) => line.state === "waiting" || line.state === "changed";

function progress(states, label) {
  const waiting = states.waiting + states.changed;
  const needed = waiting + states.marked;
  return [
    h("progress", { max: Math.max(needed, 1), value: needed ? states.marked : 1, "aria-label": label }),
    h("span", { className: "count" }, waiting ? `${waiting} of ${needed} to mark` : "all marked"),
  ];
}

function rest(states) {
  const words = [];
  if (states.changed) words.push(`${states.changed} changed after being marked`);
  if (states.blank) words.push(`${states.blank} left blank`);
  if (states.settled) words.push(`${states.settled} with the week's points set as a whole`);
  return words.join(", ");
}

export const hashOf = (...parts) => "#" + parts.map(encodeURIComponent).join("/");

// All questions by week, with their progress.
export function overview(data) {
  const sum = (week) => {
    const total = { waiting: 0, changed: 0, blank: 0, settled: 0, marked: 0 };
    for (const question of week.questions) for (const state in total) total[state] += question.states[state];
    return total;
  };
  return [
    h("h1", {}, "Written answers"),
    h("p", { className: "quiet" }, data.anonymous
      ? ["Names are not shown; ", h("code", {}, "autograder mark --names"), " shows them."]
      : "Names are shown."),
    ...data.weeks.map((week) =>
      h("section", { className: "week" },
        h("div", { className: "head" }, h("h2", {}, week.title), h("div", { className: "meter" }, progress(sum(week), `Progress of ${week.title}`))),
        h("ul", { className: "questions" }, week.questions.map((question) =>
          h("li", {},
            h("a", { href: hashOf(week.id, question.id) }, question.id),
            h("span", { className: "quiet" }, ` ${plural(question.points, "point", "points")}`),
            h("div", { className: "meter" }, progress(question.states, `Progress of ${question.id}`)),
            h("span", { className: "quiet rest" }, rest(question.states))))))),
  ];
}

// A mark in words, for what stands there and for conflicts.
export function markWords(mark, rubric, most) {
  if (!mark) return [h("p", {}, "no mark")];
  const items = rubric.filter((item) => mark.rubric.includes(item.id));
  const total = mark.total ?? totalOf(mark.points, items, most);
  return [
    h("p", { className: "total" }, h("b", {}, number(total)), h("span", { className: "quiet" }, ` of ${number(most)}`)),
    items.length > 0 && h("ul", {}, items.map((item) => h("li", {}, `${signed(item.points)}: ${item.text}`))),
    items.length > 0 && mark.points ? h("p", {}, `adjusted by ${signed(mark.points)}`) : null,
    mark.comment && h("p", { className: "said" }, mark.comment),
  ].filter(Boolean);
}

export function totalOf(points, items, most) {
  const sum = (points ?? 0) + items.reduce((all, item) => all + item.points, 0);
  return Math.min(Math.max(sum, 0), most);
}

export function when(at) {
  const date = new Date(at);
  return Number.isNaN(date.valueOf()) ? at : date.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

// The line that says what stands there now.
export function standing(answer) {
  const mark = answer.mark;
  switch (answer.state) {
    case "marked":
      return `${number(answer.points)} of ${number(answer.most)}, marked by ${mark.grader || "somebody"}, ${when(mark.at)}`;
    case "changed":
      return `The answer changed after ${mark.grader || "somebody"} gave an earlier one ${number(mark.total)} of ${number(answer.most)}, ${when(mark.at)}. The mark below is that one: save it, or another.`;
    case "blank":
      return "Nothing was written: 0 points, unless you give some.";
    case "settled":
      return "The points of the whole week were set by hand; a mark here changes nothing while that stands.";
    default:
      return "Not marked yet.";
  }
}

export function lineWords(line, place) {
  const states = { waiting: "waits", changed: "changed", blank: "blank", settled: "settled" };
  const what = line.state === "marked" ? `${number(line.points)} · ${line.grader || "?"}` : states[line.state];
  return `${place} · ${what}${line.open ? ` · open: ${line.open}` : ""}`;
}
