/** The switches of the factors, by the daemon's catalog. */
import type { FactorCatalogAnswer } from "../../../src/client/answers/factors.js";
import type { FeatureChoice } from "../location.js";
import { make } from "../shell/dom.js";
import { closeButton } from "../shell/help.js";
import { hiddenFeatures, withFeatures } from "./choice.js";

type Factor = FactorCatalogAnswer["factors"][number];

export interface FactorSwitchesParts {
  readonly dialog: HTMLDialogElement;
  /** The dialog opens below it. */
  readonly button: HTMLElement;
  readonly choice: FeatureChoice;
  /** Told of each change, and of the first choice. */
  readonly changed: (choice: FeatureChoice, hidden: ReadonlySet<string>) => void;
}

export class FactorSwitches {
  readonly #parts: FactorSwitchesParts;
  #factors: readonly Factor[] = [];
  #choice: FeatureChoice;

  constructor(parts: FactorSwitchesParts) {
    this.#parts = parts;
    this.#choice = parts.choice;
    parts.dialog.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement) this.#switch(target.value, target.checked);
    });
    // A click beside it closes it, as with any menu.
    parts.dialog.addEventListener("click", ({ target }) => {
      if (target === parts.dialog) parts.dialog.close();
    });
  }

  use({ factors }: FactorCatalogAnswer): void {
    this.#factors = factors;
    this.#parts.changed(this.#choice, hiddenFeatures(factors, this.#choice));
    this.#render();
  }

  open(): void {
    const { dialog, button } = this.#parts;
    if (dialog.open) return;
    this.#render();
    const { right, bottom } = button.getBoundingClientRect();
    dialog.style.marginTop = `${bottom + 6}px`;
    dialog.style.marginRight = `${Math.max(8, innerWidth - right)}px`;
    dialog.showModal();
  }

  /** @param key of a feature, or of a factor for all of its features. */
  #switch(key: string, visible: boolean): void {
    const factor = this.#factors.find((one) => one.key === key);
    const keys = factor === undefined ? [key] : factor.sub_features.map((feature) => feature.key);
    this.#choice = withFeatures(this.#factors, this.#choice, keys, visible);
    this.#parts.changed(this.#choice, hiddenFeatures(this.#factors, this.#choice));
    this.#update();
  }

  #render(): void {
    const { dialog } = this.#parts;
    const groups = this.#factors.map((factor) =>
      make("fieldset", { class: "factor", "data-factor": factor.key }, [
        make("legend", {}, [switchFor(factor.key, factor.label)]),
        ...factor.sub_features.map((feature) => switchFor(feature.key, feature.label)),
      ]),
    );
    const empty = make("p", { class: "hint", text: "The daemon has not said yet what it draws." });
    dialog.replaceChildren(
      make("div", { class: "factors-body" }, [
        make("h2", { text: "Factors" }),
        ...(groups.length === 0 ? [empty] : groups),
        closeButton(dialog),
      ]),
    );
    this.#update();
  }

  #update(): void {
    const hidden = hiddenFeatures(this.#factors, this.#choice);
    for (const factor of this.#factors) {
      const seen = factor.sub_features.filter(({ key }) => !hidden.has(key)).length;
      const whole = this.#input(factor.key);
      if (whole !== null) {
        whole.checked = seen > 0;
        whole.indeterminate = seen > 0 && seen < factor.sub_features.length;
      }
      for (const { key } of factor.sub_features) {
        const input = this.#input(key);
        if (input !== null) input.checked = !hidden.has(key);
      }
    }
  }

  #input(key: string): HTMLInputElement | null {
    return this.#parts.dialog.querySelector(`input[value="${CSS.escape(key)}"]`);
  }
}

function switchFor(key: string, label: string): HTMLElement {
  const input = make("input", { type: "checkbox", value: key });
  return make("label", { class: "switch", "data-feature": key }, [input, make("span", { text: label })]);
}
