/**
 * The panel's controls. The toolkit they come from is archived upstream, so nothing else imports it: another one needs
 * a change here only.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { element, icon } from './element';

type ButtonElement = HTMLElement & { appearance: 'primary' | 'secondary'; disabled: boolean };
type CheckboxElement = HTMLElement & { checked: boolean };
type DropdownElement = HTMLElement & { value: string };

/** A control: its element, and the value that it shows. */
export interface Control<Value> {
  readonly element: HTMLElement;
  show(value: Value): void;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** How long typing must rest until a text is taken, in milliseconds. */
const typingPause = 200;

/** Makes the controls known to the page; once, before any is made. */
export function defineControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());
}

export function createButton(options: {
  readonly label: string;
  readonly title: string;
  readonly icon?: string;
  readonly isPrimary?: boolean;
  readonly onPress: () => void;
}): Control<{ readonly enabled: boolean }> {
  const button = document.createElement('vscode-button') as ButtonElement;
  button.appearance = options.isPrimary === true ? 'primary' : 'secondary';
  button.title = options.title;
  button.setAttribute('aria-label', options.label);
  // No span: the toolkit takes every span for an icon and gives it an icon's size.
  const caption = element('div', 'caption', options.label);
  if (options.icon === undefined) button.append(caption);
  else button.append(icon(options.icon), caption);
  button.addEventListener('click', options.onPress);
  return {
    element: button,
    show: ({ enabled }) => {
      button.disabled = !enabled;
    },
  };
}

export function createCheckbox(options: {
  readonly label: string;
  readonly title: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}): Control<boolean> {
  const checkbox = document.createElement('vscode-checkbox') as CheckboxElement;
  checkbox.textContent = options.label;
  checkbox.title = options.title;
  checkbox.checked = options.checked;
  let shown = options.checked;
  // The toolkit fires `change` for changes by the program as well; only the person's are news.
  checkbox.addEventListener('change', () => {
    if (checkbox.checked === shown) return;
    shown = checkbox.checked;
    options.onChange(shown);
  });
  return {
    element: checkbox,
    show: (checked) => {
      shown = checked;
      checkbox.checked = checked;
    },
  };
}

export function createDropdown(options: {
  readonly label: string;
  readonly title: string;
  readonly onChoose: (value: string) => void;
}): Control<{ readonly choices: readonly Choice[]; readonly chosen: string }> {
  const dropdown = document.createElement('vscode-dropdown') as DropdownElement;
  dropdown.title = options.title;
  dropdown.setAttribute('aria-label', options.label);
  dropdown.addEventListener('change', () => options.onChoose(dropdown.value));
  let offered = '';
  return {
    element: dropdown,
    show: ({ choices, chosen }) => {
      const offering = JSON.stringify(choices);
      if (offering !== offered) {
        offered = offering;
        dropdown.replaceChildren(...choices.map(createOption));
      }
      if (dropdown.value !== chosen) dropdown.value = chosen;
    },
  };
}

/** A line of text; `onInput` hears of it a moment after the last key. */
export function createTextField(options: {
  readonly label: string;
  readonly placeholder: string;
  readonly title: string;
  readonly onInput: (text: string) => void;
}): Control<string> {
  const field = document.createElement('vscode-text-field') as HTMLElement & { value: string; placeholder: string };
  field.placeholder = options.placeholder;
  field.title = options.title;
  field.setAttribute('aria-label', options.label);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (field.value === shown) return;
      shown = field.value;
      options.onInput(shown);
    }, typingPause);
  });
  return {
    element: field,
    show: (text) => {
      // Not while somebody types: the answer to an earlier letter would take away a later one.
      if (text === shown || field.contains(document.activeElement)) return;
      shown = text;
      field.value = text;
    },
  };
}

function createOption({ value, label }: Choice): HTMLElement {
  const option = document.createElement('vscode-option');
  option.setAttribute('value', value);
  option.textContent = label;
  return option;
}
