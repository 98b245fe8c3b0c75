// Before anything is drawn: the colours that were chosen here.
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
