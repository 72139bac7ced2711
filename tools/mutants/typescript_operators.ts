import ts from "typescript";
import type { Mutant } from "./mutant.ts";

const BOUNDARY: ReadonlyMap<ts.SyntaxKind, [string, string]> = new Map([
  [ts.SyntaxKind.LessThanToken, ["boundary", "<="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["boundary", "<"]],
  [ts.SyntaxKind.GreaterThanToken, ["boundary", ">="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["boundary", ">"]],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["negation", "!=="]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["negation", "==="]],
  [ts.SyntaxKind.AmpersandAmpersandToken, ["negation", "||"]],
  [ts.SyntaxKind.BarBarToken, ["negation", "&&"]],
  [ts.SyntaxKind.PlusToken, ["arithmetic", "-"]],
  [ts.SyntaxKind.MinusToken, ["arithmetic", "+"]],
]);

/** Comparisons and negations have mutants of their own, so that their whole condition needs none. */
const HAVE_THEIR_OWN = /^(===|!==)$/;

/** Logs say what happened and decide nothing. */
const LOGGING = /^(?:this\.#?|deps\.|ports\.|options\.)?(?:log|logger)\.\w+\(/;

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));
}

/** Where a pattern has bounds, as in `{0,38}`: the place of each number, and the numbers beside it. */
function* regexBounds(pattern: string): Generator<[number, number, string]> {
  for (const bounds of pattern.matchAll(/(?<!\\)\{(\d+)(?:,(\d*))?\}/g)) {
    for (const number of bounds[0].matchAll(/\d+/g)) {
      const [from, value] = [bounds.index + number.index, Number(number[0])];
      yield [from, from + number[0].length, String(value + 1)];
      if (value > 0) yield [from, from + number[0].length, String(value - 1)];
    }
  }
}

/** All mutants of a TypeScript module. Types, imports, texts and constants of the module's top level are left as they are. */
export function typescriptMutants(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const add = (from: number, end: number, replacement: string, operator: string) => {
    const line = tree.getLineAndCharacterOfPosition(from).line + 1;
    found.push({ file, line, start: from, end, replacement, operator });
  };
  const replace = (node: ts.Node, replacement: string, operator: string) =>
    add(node.getStart(tree), node.end, replacement, operator);

  const condition = (node: ts.Expression) => {
    const own = ts.isPrefixUnaryExpression(node) ||
      (ts.isBinaryExpression(node) && HAVE_THEIR_OWN.test(node.operatorToken.getText(tree)));
    if (!own) replace(node, `!(${node.getText(tree)})`, "negation");
  };

  const visit = (node: ts.Node, inFunction: boolean): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node) || ts.isTemplateExpression(node)) return;
    if (ts.isExpressionStatement(node) && LOGGING.test(node.getText(tree))) return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken;
      const rule = BOUNDARY.get(operator.kind);
      const sum = operator.kind === ts.SyntaxKind.PlusToken || operator.kind === ts.SyntaxKind.MinusToken;
      if (rule !== undefined && !(sum && isText(node))) replace(operator, rule[1], rule[0]);
      if (operator.kind === ts.SyntaxKind.BarToken) {
        replace(node, node.left.getText(tree), "removed flag");
        replace(node, node.right.getText(tree), "removed flag");
      }
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      replace(node, node.operand.getText(tree), "negation");
    }
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) condition(node.expression);
    if (ts.isConditionalExpression(node)) condition(node.condition);
    if (inFunction && ts.isNumericLiteral(node) && /^[\d_]+$/.test(node.text)) {
      const value = Number(node.text.replaceAll("_", ""));
      replace(node, String(value + 1), "constant");
      if (value > 0) replace(node, String(value - 1), "constant");
    }
    if (ts.isRegularExpressionLiteral(node)) {
      for (const [from, end, changed] of regexBounds(node.text)) {
        const start = node.getStart(tree);
        add(start + from, start + end, changed, "bound of a pattern");
      }
    }
    if (inFunction && node.kind === ts.SyntaxKind.TrueKeyword) replace(node, "false", "constant");
    if (inFunction && node.kind === ts.SyntaxKind.FalseKeyword) replace(node, "true", "constant");
    if (inFunction) statements(node);
    const within = inFunction || ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => visit(child, within));
  };

  const statements = (node: ts.Node) => {
    if (ts.isExpressionStatement(node)) {
      const text = node.expression.getText(tree);
      const effect = ts.isCallExpression(node.expression) || ts.isAwaitExpression(node.expression) ||
        ts.isBinaryExpression(node.expression) || ts.isPostfixUnaryExpression(node.expression);
      if (effect && !text.startsWith("super(")) {
        replace(node, ";", "removed statement");
      }
    } else if (ts.isThrowStatement(node)) {
      // As an expression it could not be removed: `throw` ends a function that must return.
      replace(node, ";", "removed throw");
    } else if (ts.isReturnStatement(node) && node.expression !== undefined) {
      const bare = /^(undefined|true|false|\d+)$/.test(node.expression.getText(tree));
      if (!bare) replace(node, "return undefined as never;", "removed return");
    } else if (ts.isContinueStatement(node) || ts.isBreakStatement(node)) {
      if (!(ts.isBreakStatement(node) && ts.isCaseOrDefaultClause(node.parent))) {
        replace(node, ";", "removed statement");
      }
    }
  };
  visit(tree, false);
  return found;
}
