// Beside a time in UTC the reader's own, where that is another.

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", weekday: "short" });

function show() {
  if (!new Date().getTimezoneOffset()) return;
  for (const place of document.querySelectorAll("[data-local]")) {
    const text = ` (${time.format(new Date(place.dataset.local))} here)`;
    if (place.textContent !== text) place.textContent = text;
  }
  const zone = document.querySelector("[data-zone]");
  if (zone) zone.textContent = `; in brackets those of ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
}

show();
document.addEventListener("htmx:afterSettle", show);
