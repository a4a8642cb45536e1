/** The access token of a daemon that asks for one. It is kept for this tab, and nowhere else. */
import { element, make } from "./dom.js";

const KEY = "trade-canvas.token";

export function readToken(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Asks for a token, and begins the page anew with it. Asked for again while it is open, it does nothing. */
export function askForToken(reason: string): void {
  const dialog = element<HTMLDialogElement>("token");
  if (dialog.open) return;
  const input = make("input", {
    ...{ id: "token-input", type: "password", autocomplete: "off", required: "", spellcheck: "false" },
  });
  const form = make("form", { class: "token-form" }, [
    make("h2", { text: "Access token" }),
    make("p", { text: `This daemon lets in who has a token with the scope “read”. It said: ${reason}` }),
    make("label", { for: "token-input", text: "Token" }),
    input,
    make("p", { class: "hint", text: "It is kept until this tab is closed. `trade-canvas token` makes one." }),
    make("button", { type: "submit", class: "primary", text: "Open" }),
  ]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, input.value.trim());
    location.reload();
  });
  dialog.replaceChildren(form);
  dialog.showModal();
}
