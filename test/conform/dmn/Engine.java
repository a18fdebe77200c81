import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.flowable.common.engine.api.FlowableIllegalArgumentException;
import org.flowable.common.engine.api.FlowableObjectNotFoundException;
import org.flowable.dmn.api.DecisionExecutionAuditContainer;
import org.flowable.dmn.editor.converter.DmnJsonConverter;
import org.flowable.dmn.engine.DmnEngine;
import org.flowable.dmn.engine.impl.cfg.StandaloneInMemDmnEngineConfiguration;
import org.flowable.dmn.rest.service.api.DmnRestResponseFactory;
import org.flowable.dmn.rest.service.api.DmnRestUrlBuilder;
import org.flowable.dmn.rest.service.api.decision.DmnRuleServiceRequest;
import org.flowable.dmn.rest.service.api.decision.DmnRuleServiceResource;

/**
 * Answers a line of JSON for each line of JSON, in order: {"deploy": the data of an .otdt} or {"execute": the body of a
 * request}. An answer is {"status", "body"} as the engine's REST interface gives it, and for an evaluation what that
 * hides: {"rules"}, the numbers of the rules that matched, {"last"}, the last one that was looked at, and {"failed"}, why
 * the evaluation failed.
 */
public class Engine {
  /** As the REST interface reads requests. */
  static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** URLs come from the request of a servlet, which there is not. */
  static final DmnRestResponseFactory FACTORY = new DmnRestResponseFactory() {
    @Override
    protected DmnRestUrlBuilder createUrlBuilder() {
      return DmnRestUrlBuilder.usingBaseUrl("");
    }
  };

  /** The resource reads the variables of a request; its other half needs a servlet. */
  static class Requests extends DmnRuleServiceResource {
    Requests() {
      dmnRestResponseFactory = FACTORY;
    }

    Map<String, Object> variables(DmnRuleServiceRequest request) {
      return composeInputVariables(request.getInputVariables());
    }
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
    DmnEngine engine = new StandaloneInMemDmnEngineConfiguration()
        .setDatabaseSchemaUpdate("create-drop")
        .setHistoryEnabled(false)
        .buildDmnEngine();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode asked = JSON.readTree(line);
      out.println(asked.has("deploy") ? deploy(engine, asked.get("deploy")) : execute(engine, asked.get("execute")));
      if (!in.ready()) out.flush();
    }
  }

  static ObjectNode deploy(DmnEngine engine, JsonNode data) {
    String key = data.path("key").asText();
    try {
      engine.getDmnRepositoryService().createDeployment()
          .addDmnModel(key + ".dmn", new DmnJsonConverter().convertToDmn(data, data.path("id").asText()))
          .deploy();
      int version = engine.getDmnRepositoryService().createDecisionQuery().decisionKey(key).latestVersion()
          .singleResult().getVersion();
      return answer(201, JSON.createObjectNode().put("version", version));
    } catch (Exception error) {
      return answer(500, problem("Internal server error", error));
    }
  }

  static ObjectNode execute(DmnEngine engine, JsonNode body) {
    try {
      DmnRuleServiceRequest request = JSON.convertValue(body, DmnRuleServiceRequest.class);
      if (request.getDecisionKey() == null) throw new FlowableIllegalArgumentException("Decision key is required.");
      DecisionExecutionAuditContainer audit = engine.getDmnDecisionService().createExecuteDecisionBuilder()
          .decisionKey(request.getDecisionKey())
          .variables(new Requests().variables(request))
          .executeWithAuditTrail();
      ObjectNode result = JSON.valueToTree(FACTORY.createDmnRuleServiceResponse(audit));
      ObjectNode answer = answer(201, result);
      if (audit.isFailed()) answer.put("failed", String.valueOf(audit.getExceptionMessage()));
      var rules = answer.putArray("rules");
      audit.getRuleExecutions().forEach((number, rule) -> {
        if (rule.isValid()) rules.add(number);
        answer.put("last", Math.max(number, answer.path("last").asInt()));
      });
      return answer;
    } catch (FlowableObjectNotFoundException | FlowableIllegalArgumentException error) {
      return answer(400, problem("Bad request", error));
    } catch (Exception error) {
      return answer(500, problem("Internal server error", error));
    }
  }

  static ObjectNode answer(int status, ObjectNode body) {
    ObjectNode answer = JSON.createObjectNode().put("status", status);
    answer.set("body", body);
    return answer;
  }

  static ObjectNode problem(String message, Exception error) {
    return JSON.createObjectNode().put("message", message).put("exception", error.getMessage());
  }
}
