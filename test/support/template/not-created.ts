/** Types of resources that the sandbox has nothing for, and why a stack there does without. Their properties are worked out all the same. */
export const NOT_CREATED: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Integration':
    'people ask the server under test directly; the bundle has tests with events of its own',
  'AWS::ApiGatewayV2::Route': 'as the integration it leads to',
  'AWS::ApiGatewayV2::Stage': 'as the integration it leads to',
  'AWS::CloudWatch::Alarm': 'there are no metrics of AWS; that what an alarm watches is there is a test of its own',
  'AWS::Cognito::ManagedLoginBranding': 'the pages of the sandbox have a style of their own',
  'AWS::Cognito::UserPoolDomain': 'the sandbox serves the pages of every pool at its own address',
  'AWS::Events::Rule': 'nothing happens by itself; the patterns and targets are looked at',
  'AWS::IAM::ManagedPolicy':
    'rights are compared with infra/iam-policy.json, and enforced where the server is played under them',
  'AWS::IAM::Role': 'as the policies it carries',
  'AWS::IAM::RolePolicy': 'as the policies of roles',
  'AWS::Lambda::EventInvokeConfig': 'events are not queued',
  'AWS::Lambda::Permission':
    'every service of the sandbox may call every function; who may call whom is a test of its own',
  'AWS::Logs::MetricFilter': 'as the alarm that counts what it finds',
  'AWS::Logs::LogGroup': 'what processes write goes to the test',
  'AWS::SNS::Topic': 'nobody is told anything',
};

/** Properties of types that are created, which the sandbox does not act on, and why that changes nothing here. */
export const NOT_PASSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::Cognito::UserPool': {
    EnabledMfas: 'nobody sets up a second factor here',
    MfaConfiguration: 'as EnabledMfas: an optional factor that nobody has set up is not asked for',
    UserAttributeUpdateSettings: 'the sandbox changes an address at once, which is the more dangerous way',
  },
};
