//! An explanation as JSON, in the names of the tables. Amounts are whole picodollars, and beside them
//! dollars as text, because a JSON number may be read as a float.

use domain::{Cost, Model, Picodollars, Role, SideCall, UnixMs};
use pricing::{Charge, Factor, Found, Price, Rate};
use report::session::conversation::tokens_value;
use serde_json::{Value, json};

use super::{super::Context, Explanation, Line, Subject, Total};
use crate::terminal::dollars;

/// Prints it.
pub fn print(context: &mut Context, explanation: &Explanation<'_>) {
    let models = explanation.models_without_price().into_iter().map(|((provider, id, reason), count)| {
        json!({ "provider_id": provider, "model_id": id, "reason": reason, "messages": count })
    });
    let models: Vec<Value> = models.collect();
    let subject = match explanation.subject {
        Subject::Session(_) => "session",
        Subject::Message => "message",
    };
    context.output.write_json_pretty(&json!({
        "id": explanation.id,
        "subject": subject,
        "messages": explanation.lines.iter().map(line).collect::<Vec<_>>(),
        "total": explanation.total().map(|sum| total(&sum)),
        "models_without_price": models,
    }));
}

fn line(line: &Line<'_>) -> Value {
    let Line { usage, charge } = line;
    let Charge { found, factors, cost } = charge;
    let model = usage.model.as_ref();
    let given = usage.cost_given.as_ref();
    json!({
        "session_id": usage.session_id,
        "message_id": usage.message_id,
        "generated_at_unix_ms": usage.generated_at.map(UnixMs::get),
        "role": usage.role.map(Role::as_str),
        "agent_name": usage.agent_name,
        "provider_id": model.and_then(|Model { provider_id, .. }| provider_id.as_ref()),
        "model_id": model.and_then(|Model { model_id, .. }| model_id.as_ref()),
        "side_call": usage.side_call.map(SideCall::as_str),
        "inherited": usage.is_inherited,
        "counts_in_session": usage.counts_in,
        "tokens": usage.tokens.as_ref().map(tokens_value),
        "price": found.as_ref().map(price),
        "factors": factors.iter().map(factor).collect::<Vec<_>>(),
        "cost_picodollars": line.cost(),
        "cost_dollars": line.cost().map(exact),
        "no_cost_because": cost.err().map(|reason| reason.to_string()),
        "not_priced": report::unpriced(usage.payload.as_ref()),
        "cost_given": given.map(Cost::text),
        "cost_given_picodollars": line.given(),
        "difference_picodollars": line.difference(),
        "difference_dollars": line.difference().map(exact),
    })
}

fn price(found: &Found<'_>) -> Value {
    let Found { price, matched } = found;
    let Price {
        provider,
        model,
        aliases: _,
        from,
        until,
        prompt_over_tokens,
        rates: _,
        source,
        read_on,
    } = price;
    let day = |day: &Option<pricing::Date>| day.map(|day| day.to_string());
    json!({
        "provider": provider,
        "model": model,
        "matched_by": matched.as_str(),
        "from": day(from),
        "until": day(until),
        "prompt_over_tokens": prompt_over_tokens,
        "source": source,
        "read_on": day(read_on),
    })
}

fn factor(factor: &Factor) -> Value {
    let Factor { kind, tokens, rate, amount } = factor;
    let amount = amount.map(|Picodollars(amount)| amount);
    json!({
        "kind": kind.as_str(),
        "tokens": tokens,
        "dollars_per_million": rate.map(Rate::dollars_per_million),
        "picodollars_per_token": rate.map(Rate::picodollars_per_token),
        "amount_picodollars": amount,
        "amount_dollars": amount.map(exact),
    })
}

fn total(total: &Total<'_>) -> Value {
    let known = |sum: &super::Sum| sum.amount().ok().flatten();
    let sums = [&total.cost, &total.given, &total.difference];
    let [cost, given, difference] = sums.map(known);
    json!({
        "messages": total.messages,
        "messages_without_cost": total.without_cost(),
        "cost_picodollars": cost,
        "cost_dollars": cost.map(exact),
        "no_cost_because": total.cost.amount().err().map(|reason| reason.to_string()),
        "messages_with_cost_given": total.given.count,
        "cost_given_picodollars": given,
        "messages_with_both": total.difference.count,
        "difference_picodollars": difference,
        "difference_dollars": difference.map(exact),
        "whole_session_cost_given": total.whole.map(Cost::text),
        "whole_session_cost_given_picodollars": total.whole.map(|cost| cost.amount().0),
    })
}

/// The amount in dollars without the sign of the currency.
fn exact(picodollars: i64) -> String {
    dollars(picodollars).replacen('$', "", 1)
}
